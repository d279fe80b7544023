# SPDX-License-Identifier: MIT
# descriptors: duplication, inheritance, closing, saving standard output, offsets shared by fork
exec 3>&1 > captured; echo to the file; exec >&3 3>&-; cat captured
exec 4< <(seq 5); read -r a <&4; (read -r b <&4; echo "child read $b"); read -r c <&4
echo "$a then $c"; exec 4<&-
bash -c 'echo inherited >&5' 5>&1; bash -c 'echo x >&5' 2>/dev/null; echo $?
exec 6> log; (echo child >&6) & wait; echo parent >&6; exec 6>&-; cat log
f() { echo "$1" >&"$2"; }; f via 1; f via2 2 2>&1
{ echo a >&3; echo b; } 3>&1 | sort
exec 10<&0; exec < log; read -r first; exec <&10 10<&-; echo $first
while read -r x <&3 && read -r y <&4; do echo "$x-$y"; done 3< <(seq 3) 4< <(seq 4 6)
echo abc > rw; exec 3<> rw; read -rn 1 -u 3 ch; echo -n X >&3; exec 3>&-; cat rw
exec {a}< rw {b}< rw; ((a != b && a >= 10)) && echo "two free ones"; exec {a}<&- {b}<&-
echo over > rw 3< rw; cat rw; cat 3<&0 <&3 < rw
