# SPDX-License-Identifier: MIT
# FIFOs: both ends, blocking open, several writers, end of input
mkfifo p; stat -c '%F %a' p; echo through > p & cat p; wait
{ echo first; echo second; } > p & exec 3< p; read -r a <&3; cat <&3; exec 3<&-; echo "$a came before"; wait
mkfifo request reply
(while read -r line < request; do [ "$line" = quit ] && break; echo "$line" | tr a-z A-Z > reply; done) &
for word in one two three; do echo $word > request; cat reply; done; echo quit > request; wait; echo "server $?"
exec 4<> p; echo buffered >&4; read -r x <&4; echo "$x"; exec 4>&-
seq 20000 > p & md5sum < p; wait; rm p request reply; ls
mkfifo -m 600 q; ls -l q | cut -c1-10; mkfifo q; echo $?
