# SPDX-License-Identifier: MIT
# > >> < <> n>&m n>&- &> order, noclobber, exec with a redirection, missing files
echo one > f; echo two >> f; cat < f
{ echo out; echo err >&2; } > o 2> e; echo "o=$(cat o) e=$(cat e)"
{ echo out; echo err >&2; } > both 2>&1; cat both
{ echo out; echo err >&2; } 2>&1 > only-out; echo "only: $(cat only-out)"
exec 5> five; echo "to five" >&5; exec 5>&-; cat five
echo "closed" >&5; echo "status $?"
exec 6<> rw; echo "0123456789" >&6; cat rw; exec 6>&-
exec 7< f; read a <&7; read b <&7; read c <&7 || echo "end: $a $b"; exec 7<&-
set -C; echo clobber > f; echo "status $?"; echo forced >| f; cat f; set +C
cat < missing; echo "status $?"
echo x > no/such/dir; echo "status $?"
: > f; [ -s f ] || echo "truncated"
> created; ls created
while read -r line; do echo "got $line"; done < o > loop-out; cat loop-out
echo "swap" 3>&1 1>&2 2>&3 3>&- 2> swapped; cat swapped
