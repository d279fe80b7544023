# SPDX-License-Identifier: MIT
# read -a -d -n -N -t -u, mapfile with callbacks, REPLY
read -ra w <<< 'one two  three'; echo "${#w[@]} ${w[2]}"; read -r -d ';' x <<< 'a b;c'
echo "$x"; read -n 3 x <<< abcdef; echo $x; read -N 5 x <<< $'a\nb c'; echo "${x@Q}"
read <<< '  reply  '; echo "[$REPLY]"
IFS=: read -r user pass rest <<< 'root:x:0:0'; echo "$user $rest"
while IFS= read -r -d '' f; do echo "<$f>"; done < <(printf 'a b\0c\nd\0')
read -t 0.05 x < <(sleep 1); (($? > 128)) && echo timeout; read -t 0 < /dev/null
echo "ready $?"
mapfile -t lines < <(seq 5); echo "${lines[@]}"; mapfile -t -s 1 -n 2 some < <(seq 5)
echo "${some[@]}"; mapfile -O 2 off <<< x; echo "${!off[@]}"; cb() { echo "callback $1"; }
mapfile -t -c 2 -C cb all < <(seq 4); mapfile -d , -t parts < <(printf 'a,b,c')
echo "${#parts[@]} ${parts[2]}"
exec 3< <(printf '1\n2\n'); read -u 3 a; read -u 3 b; read -u 3 c; echo "$a $b $?"
printf 'no newline' | { read -r x; echo "$? $x"; }; read -r a b <<< 'back\slash kept'; echo "$a"
read a <<< 'back\slash gone'; echo $a; echo data | { read -rn 1 c; cat; echo "after $c"; }
