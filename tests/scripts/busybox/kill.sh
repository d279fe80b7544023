# SPDX-License-Identifier: MIT
# kill: names, numbers, 0, groups, lists, missing processes
exec 2> messages # which of these are said depends on how quick a child dies
sleep 10 & kill -9 $!; wait $!; echo $?
sleep 10 & kill -s HUP $!; wait $!; echo $?
sleep 10 & kill -SIGALRM $!; wait $!; echo $?
sleep 10 & pid=$!; kill -0 $pid && echo alive; kill $pid; wait $pid; kill -0 $pid; echo "gone $?"; exec 2>&1
kill -l 15; kill -l 143; kill -l KILL
kill -NOSUCH $$; echo $?
sh -c 'kill -STOP $$; echo continued' & pid=$!
while ! grep -q '^State:.T' /proc/$pid/status; do sleep 0.02; done
echo stopped; kill -CONT $pid; wait $pid; echo $?
