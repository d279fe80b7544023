# SPDX-License-Identifier: MIT
# read: splitting, -r, -n, -d, -t, -p, end of input, last line without newline
printf 'a b  c d\n' | { read x y; echo "$x|$y"; }
printf 'a\\\nb\\tc\n' | { read x; echo "$x"; }
printf 'a\\tc\n' | { read -r x; echo "$x"; }
printf 'x:y:z\n' | { IFS=: read a b; echo "$a|$b"; }
printf '  trimmed  \n' | { read x; echo "[$x]"; }
printf '  kept  \n' | { IFS= read x; echo "[$x]"; }
printf 'abcdef' | { read -n 3 x; echo "$x"; read -n 2 y; echo "$y"; }
printf 'one,two,' | { read -d , x; read -d , y; echo "$x $y"; }
printf 'no newline' | { read x; echo "$? $x"; }
: | { read x; echo "$? [$x]"; }
sleep 2 | { read -t 0.05 x; [ $? -gt 128 ] && echo timeout || echo "$?"; }
printf '1\n2\n3\n' | { read a; cat; }
while IFS=, read -r id name; do echo "$name has $id"; done <<'CSV'
1,pear
2,"apple"
CSV
