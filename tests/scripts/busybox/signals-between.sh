# SPDX-License-Identifier: MIT
# processes that signal each other: readiness, a parent and its child, orphans, broken pipes
sh -c 'trap "echo child got it; exit 0" USR1; echo ready > flag; while :; do sleep 0.02; done' &
pid=$!
until [ -s flag ]; do sleep 0.02; done
kill -USR1 $pid; wait $pid; echo $?

sh -c 'trap "echo parent heard" USR2; sh -c "kill -USR2 \$PPID"; echo parent goes on'
{ yes; echo $? > yes-status; } | head -n 1; cat yes-status
sh -c '(while [ ! -e go ]; do sleep 0.02; done; echo orphan > out) & exit 5'; echo $?
touch go; until [ -s out ]; do sleep 0.02; done; cat out
trap 'echo "pipe is ignored"' PIPE
sh -c 'trap "" PIPE; yes 2>/dev/null; echo $? > ignored' | head -n 1
until [ -s ignored ]; do sleep 0.02; done; cat ignored
n=0; trap 'n=$((n + 1))' USR1; for i in 1 2 3 4 5; do kill -USR1 $$; done; echo "counted $n"
