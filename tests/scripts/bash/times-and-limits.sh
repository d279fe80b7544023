# SPDX-License-Identifier: MIT
# times, time, ulimit, umask, SECONDS, RANDOM with a seed
ulimit -Sn 100; ulimit -n; (ulimit -n 50; bash -c 'ulimit -n'); ulimit -n
umask 077; touch private; stat -c %a private; umask -S; umask u=rwx,g=rx,o=; umask -p; umask 022
times | sed 's/[0-9.]\+/N/g'
SECONDS=5; ((SECONDS >= 5)) && echo seconds
RANDOM=42; a=$RANDOM; RANDOM=42; [[ $a == $RANDOM ]] && echo "the same seed"
{ time true; } 2>&1 | grep -c real; TIMEFORMAT=%R; { time sleep 0.01; } 2>&1 | sed 's/[0-9]/N/g'
ulimit -c 0; ulimit -c
(ulimit -f 1; trap '' XFSZ; printf '%5000s' x > big) 2>/dev/null; stat -c %s big
[[ $EPOCHSECONDS -gt 1000000000 ]] && echo "a date"; printf '%(%Y)T\n' -1 | grep -c '^20'
echo $UID $EUID ${GROUPS[0]}
