# SPDX-License-Identifier: MIT
# here-strings and here-documents: expansion, newlines, large ones, in functions and pipelines
cat <<< "one $((1 + 1))"; read -r a b <<< "x y z"; echo "$b|$a"; tr a-z A-Z <<< $'two\nlines'
wc -c <<< ""; cat <<< *; f() { cat; }; f <<< input
cat <<A; cat <<'B'
$(echo substituted) \$ `echo ticks`
A
$(echo literal)
B
while read -r line; do echo "> $line"; done <<-T
	tab $BASHPID_none gone
	second
	T
big=$(printf 'x%.0s' {1..100000}); wc -c <<< "$big"; md5sum <<< "$big"
cat <<< a | cat - <(cat <<< b); exec 3<<< "through three"; cat <&3; exec 3<&-
grep -c . <<< "$(seq 100)"
