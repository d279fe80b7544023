# SPDX-License-Identifier: MIT
# trap in bash: EXIT, ERR, DEBUG, RETURN, CHLD, INT, inheritance, in functions
bash -c 'trap "echo exit \$?" EXIT; exit 3'; echo $?
bash -c 'trap "echo err at \$LINENO" ERR; false; true; (exit 4); echo on'
bash -c 'set -e; trap "echo failed \$?" ERR; trap "echo bye" EXIT; false; echo never'; echo $?
bash -c 'trap "echo debug: \$BASH_COMMAND" DEBUG; x=1; echo $x'
bash -c 'f() { trap "echo return" RETURN; echo body; }; f; f2() { :; }; f2'
bash -c 'trap "echo INT" INT; kill -INT $$; echo after'
bash -c 'n=0; trap "((n++))" CHLD; for i in 1 2 3; do /bin/true; done; ((n >= 1)) && echo "children seen"'
bash -c 'set -E; trap "echo inherited" ERR; f() { false; }; f'
bash -c 'f() { false; }; trap "echo not inherited" ERR; f; echo $?'
bash -c 'trap "" TERM; bash -c "kill -TERM \$\$; echo still here"'
bash -c 'trap "echo x" USR1 USR2 EXIT; trap -p; trap - EXIT'
bash -c 'kill -TERM $$; echo never'; echo $?
bash -c 'trap "echo caught; exit 8" TERM; (kill -TERM $$); sleep 1; echo never'; echo $?
bash -c 'trap "echo woken" USR1; (sleep 0.3; kill -USR1 $$; sleep 0.1) & wait; echo "wait $?"; wait'
bash -c 'trap "exit 9" HUP; kill -HUP $$'; echo $?
bash -c 'cleanup() { rm -f temp; echo cleaned; }; trap cleanup EXIT; touch temp; exit 2'
echo $? $(ls)
