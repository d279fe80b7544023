# SPDX-License-Identifier: MIT
# children that end while nobody waits, many at once, fork in loops and pipelines
i=0; while [ $i -lt 40 ]; do (exit $((i % 7))) & i=$((i + 1)); done; wait; echo "all gone $?"
pids=; for code in 1 2 3; do (exit $code) & pids="$pids $!"; done; sleep 0.05
for pid in $pids; do wait $pid; echo $?; done
i=0; while [ $i -lt 100 ]; do x=$(echo $i); i=$((i + 1)); done; echo $x
echo $(for i in 1 2 3; do echo $(echo $(echo $i)); done)
(sleep 0.1 & echo "left a child behind"); echo done
f() { if [ $1 -gt 0 ]; then (f $(($1 - 1))); else echo bottom; fi; }; f 25
