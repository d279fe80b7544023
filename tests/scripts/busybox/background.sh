# SPDX-License-Identifier: MIT
# background jobs: $!, wait with and without pid, exit status, order
(sleep 0.1; exit 3) & first=$!
(exit 4) & second=$!
wait $second; echo "second $?"
wait $first; echo "first $?"
wait; echo "nothing left $?"
wait $first; echo "again $?"
for n in 1 2 3; do (until [ -e go$n ]; do sleep 0.02; done; echo "started $n"; : > go$((n - 1))) & done
: > go3; wait
sleep 10 & kill $!; wait $! 2> message; echo "killed $?"
{ echo in background; } > out & wait; cat out
(until [ -e go ]; do sleep 0.02; done; echo late) & echo early; : > go; wait
cat & wait $!; echo "standard input of a background job is empty: $?"
wait 999999; echo "not a child $?"
