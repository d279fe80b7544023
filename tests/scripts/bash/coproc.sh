# SPDX-License-Identifier: MIT
# coproc: two-way talk, named ones, exit status, end of input
coproc tr a-z A-Z; echo "hello" >&${COPROC[1]}; fd=${COPROC[1]}; exec {fd}>&-
cat <&${COPROC[0]}; wait $COPROC_PID; echo "ended $?"
coproc UPPER { while read -r line; do echo "<${line^^}>"; done; exit 4; }
pid=$UPPER_PID
for word in one two three; do echo $word >&${UPPER[1]}; read -r answer <&${UPPER[0]}; echo $answer; done
exec {UPPER[1]}>&-; wait $pid; echo "status $?"
coproc ADD { while read -r a b; do echo $((a + b)); done; }; sum=0
for i in {1..50}; do echo "$sum $i" >&${ADD[1]}; read -r sum <&${ADD[0]}; done; echo $sum
kill $ADD_PID; wait $ADD_PID 2>/dev/null; echo $?
