# SPDX-License-Identifier: MIT
# timeout, setsid, which, id, uname, time, sleep
timeout 0.1 sleep 5; echo "timed out $?"; timeout 5 sh -c 'exit 3'; echo $?
timeout -s KILL 0.1 sleep 5; echo $?
timeout 2 sh -c 'trap "echo cleanup; exit 7" TERM; sleep 9 & wait'; echo $?
setsid sh -c 'exit 3'; echo $?; which sh no-such; echo $?; whoami; uname -s -m; id -u; id -g
time -p true 2>&1 | cut -d' ' -f1; sleep 0.01 0.01; echo $?; usleep 1000; echo $?; sleep x
echo $?; arch; nproc > /dev/null && echo processors; hostname > /dev/null && echo name; tty
echo $?
