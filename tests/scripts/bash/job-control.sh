# SPDX-License-Identifier: MIT
# set -m without a terminal: process groups, stop and continue, fg and bg, jobs
set -m
field() { awk -v n=$2 '{ sub(/^.*\) /, ""); print $(n - 2) }' /proc/$1/stat; }
await() { until [[ $(field $1 3) == $2 ]]; do sleep 0.02; done; }
sleep 50 & pid=$!
(( $(field $pid 5) == pid )) && echo "a job has a group of its own"
(( $(field $$ 5) == pid )) || echo "the shell is not in it"
kill -STOP $pid; await $pid T; jobs > list; jobs | awk '{ print $2 }'
bg %1 > /dev/null; await $pid S; jobs | awk '{ print $2 }'
kill -- -$pid; wait $pid 2> message; echo $?
sleep 50 | sleep 50 & pid=$(jobs -p); kill -- -$pid; wait 2> message
kill -0 -- -$pid 2>/dev/null; echo "the group is gone: $?"
(exit 3) & wait %%; echo $?; sh -c 'exit 6' & fg > command; echo $?; cat command
set +m; sleep 50 & (( $(field $! 5) == $(field $$ 5) )) && echo "without -m they share one"; kill $!
