# SPDX-License-Identifier: MIT
# redirections of bash: &> &>> {fd}> >&- <> moving, order, here-string to fd, in compound commands
both() { echo out; echo err >&2; }
both &> f; cat f; both &>> f; wc -l < f; both > o 2>&1; cat o; both 2>&1 > o | sed 's/^/piped /'; both |& sort
exec {fd}> chosen; echo "to $((fd >= 10))" >&$fd; exec {fd}>&-; cat chosen
(echo x >&$fd) 2>/dev/null; echo "closed $?"
exec 5<> rw; echo hello >&5; exec 6< rw; read -r line <&6; echo "$line"; exec 7<&6-
read -u 7 more; echo "$? [$more]"; exec 5>&- 7<&-
{ echo a; echo b >&2; } 2> e > o; cat o e; if true; then echo branch; fi > o; cat o
for i in 1 2; do echo $i; done > o; cat o; while read -r x; do echo "r$x"; done < o
set -o noclobber; echo x > o; echo $?; echo y >| o; cat o; set +o noclobber; : > /no/such
echo $?; cat < missing; echo $?; echo lost >&99; echo $?
v=name; echo x > "$v.txt"; ls name.txt; echo "append" >> name.txt; wc -l < name.txt
{ echo to-stdout > /dev/stdout; echo to-stderr > /dev/stderr; } 2>&1 | cat; cat /dev/stdin <<< from-stdin
cat /dev/fd/4 4<<< four
f() { echo "in function"; } > from-f; f; cat from-f
