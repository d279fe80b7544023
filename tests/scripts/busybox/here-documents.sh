# SPDX-License-Identifier: MIT
# here-documents: expansion, quoted delimiters, tabs, several at once, in loops and functions
who=world
cat <<END
hello $who, $((6 * 7)), $(echo inner) and \$literal
END
cat <<'END'
no $expansion `here` \n
END
cat <<-END
	tabs
		are stripped
	END
cat <<A - <<B
first
A
second
B
while read -r a b; do echo "$b $a"; done <<LIST
1 one
2 two words
LIST
f() { cat <<X; echo "after"; }
in a function
X
f | tr a-z A-Z
i=0; while [ $i -lt 3000 ]; do echo "line $i of a long document"; i=$((i + 1)); done > long
cat <<END | md5sum
$(cat long)
END
