# SPDX-License-Identifier: MIT
# signals: exit statuses, names and numbers, pending ones of a stopped process, broken pipes
{
  for s in TERM KILL HUP INT QUIT USR1 PIPE ALRM SEGV ABRT FPE; do
    bash -c "kill -$s \$\$"; echo "$s $?"
  done
} 2> messages
kill -l 9 137 TERM SIGUSR1
bash -c 'yes | head -n 1; echo ${PIPESTATUS[0]}'
(trap '' PIPE; yes 2>/dev/null; echo "a write fails instead: $?" > failed) | head -n 1
until [[ -s failed ]]; do sleep 0.02; done; cat failed
is_stopped() { grep -q '^State:.T' /proc/$1/status; }
sleep 50 & pid=$!; kill -STOP $pid; until is_stopped $pid; do sleep 0.02; done
kill -TERM $pid; is_stopped $pid && echo "TERM waits for CONT"; kill -CONT $pid; wait $pid 2>/dev/null; echo $?
kill -0 $pid 2>/dev/null; echo $?; kill -NOPE $$; echo $?
bash -c 'trap "echo handled" USR1; kill -USR1 $$; echo after'
{ (bash -c 'kill -KILL $PPID'; echo never); echo $?; } 2> messages
bash -c '
  trap "echo in the parent" USR1
  (trap - USR1; kill -USR1 $BASHPID; echo never); echo "reset in the child: $?"' 2>/dev/null
