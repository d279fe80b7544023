# SPDX-License-Identifier: MIT
# ( ) and { }: variables, directories, traps and exit status stay inside or come out
x=1; (x=2; echo "inside $x"); echo "outside $x"
{ x=3; }; echo "group $x"
mkdir d; (cd d; pwd); pwd
(exit 5); echo $?
(set -e; false; echo never); echo $?
trap 'echo parent exit' EXIT
(trap 'echo child exit' EXIT; exit 4); echo $?
out=$(cd d && pwd; exit 6); echo "$out $?"
( ( ( echo deep; exit 3 ) ) ); echo $?
(echo a; (echo b; (echo c))) | tac
[ $$ = "$(sh -c 'echo $PPID')" ] && echo "the same parent"
[ $$ = "$(echo $$)" ] && echo '$$ is the same in a subshell'
