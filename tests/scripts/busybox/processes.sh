# SPDX-License-Identifier: MIT
# processes seen through /proc and by $PPID; environment, arguments, descriptors, working directory
sleep 5 & pid=$!; tr '\0' ' ' < /proc/$pid/cmdline > /dev/null && echo "it has a command line"
readlink /proc/$pid/cwd; [ -d /proc/$pid/fd ] && echo "descriptors"; kill $pid
wait $pid 2>/dev/null; [ -d /proc/$pid ] || echo "gone"
grep -c '^PPid:' /proc/self/status
awk '/^PPid/ { print $2 }' /proc/$$/status | grep -qx $PPID && echo "parent"
sh -c 'sh -c "echo \$PPID" | grep -qx $$ && echo child'; ls /proc/self/fd | head -n 3
exec 5< /dev/null; readlink /proc/$$/fd/5; exec 5<&-
readlink /proc/self/exe > /dev/null && echo exe
echo "$(cut -d' ' -f1 /proc/self/stat)" | grep -q '^[0-9]*$' && echo stat
state() { awk '/^State/ { print $2 }' /proc/$1/status; }
sh -c 'exec sleep 5' & pid=$!; kill -STOP $pid; until [ $(state $pid) = T ]; do sleep 0.02; done; echo stopped
kill -CONT $pid; until [ $(state $pid) = S ]; do sleep 0.02; done; echo "asleep again"
kill $pid; wait $pid 2>/dev/null; echo $?
