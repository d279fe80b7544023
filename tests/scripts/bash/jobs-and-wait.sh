# SPDX-License-Identifier: MIT
# background jobs: wait -n, wait -p, several pids, jobs, disown, exit status
(exit 3) & a=$!; (exit 4) & b=$!; wait $a $b; echo $?; wait $a; echo $?
until_go() { until [[ -e $1 ]]; do sleep 0.02; done; }
(until_go go1; exit 5) & (until_go go2; exit 6) & touch go2; wait -n; echo "first $?"; touch go1
wait -n; echo "second $?"; wait -n; echo "none $?"
(exit 7) & pid=$!; wait -p which -n; echo "$? $((which == pid))"
sleep 10 & jobs -r | sed 's/ *$//'; kill %1; wait %1 2>/dev/null; echo $?; jobs
sleep 10 & disown; jobs | wc -l; kill $!; for i in 1 2 3 4 5; do (exit $i) & pids+=($!); done
for pid in "${pids[@]}"; do wait $pid; echo -n "$? "; done; echo; (sleep 0.05; echo late) & wait
echo after
{ sleep 0.05; false; } & wait $!; echo $?; x=$( (sleep 0.05; echo from the background) & wait)
echo $x; wait 99999; echo $?
[[ $BASHPID == $$ ]] && (( $(echo $BASHPID) != $$ )) && echo "a subshell has another pid"
