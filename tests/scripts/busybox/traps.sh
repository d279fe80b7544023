# SPDX-License-Identifier: MIT
# trap: EXIT, signals, ignoring, resetting, listing, in subshells, during wait
sh -c 'trap "echo leaving with \$?" EXIT; exit 3'; echo $?
sh -c 'trap "echo caught TERM" TERM; kill -TERM $$; echo after'; echo $?
sh -c 'trap "" INT TERM; kill -INT $$; kill -TERM $$; echo ignored'
sh -c 'trap "" USR1; trap - USR1; kill -USR1 $$; echo never'; echo $?
sh -c 'trap "echo one; exit 9" HUP; kill -HUP $$; echo never'; echo $?
sh -c 'trap "echo got" USR2; trap'
sh -c 'trap "" TERM; sh -c "kill -TERM \$\$; echo inherited"'
sh -c 'trap "echo parent" TERM; (kill -TERM $(sh -c "echo \$PPID"); echo never); echo "subshell $?"'
sh -c 'trap "echo woke" USR1; (sleep 0.3; kill -USR1 $$) & wait $!; echo "wait said $?"; wait'
sh -c 'trap "echo child" CHLD; true & wait; echo done'
sh -c 'f() { trap "echo from f" EXIT; }; f; echo body'
sh -c 'n=0; trap "n=\$((n + 1))" USR1; for i in 1 2 3; do kill -USR1 $$; done; echo $n'
