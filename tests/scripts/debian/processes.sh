# SPDX-License-Identifier: MIT
# nice, nohup, timeout, env, stdbuf, flock, setsid, xargs -P, prlimit
nice; nice -n 5 nice; nice -n 5 sh -c 'nice -n 3 nice'; nohup sh -c 'kill -HUP $$; echo survived'
timeout 0.5 sleep 9; echo $?; timeout -s KILL 0.5 sleep 9; echo $?
timeout --preserve-status 0.5 sleep 9; echo $?
timeout 9 sh -c 'exit 3'; echo $?; timeout 9 no-such-command 2>/dev/null; echo $?
env -i A=1 B=2 env | sort; env -u HOME sh -c 'echo "[$HOME]"'; env -C / pwd; env -S 'echo split words'
stdbuf -oL echo unbuffered
flock lock echo "by command"; flock lock sh -c 'exit 6'; echo $?
(
  flock 9; echo held
  flock -n lock true; echo "another must wait: $?"
  flock -w 0.1 lock true; echo "and gives up: $?"
) 9> lock
flock -s lock sh -c 'flock -s -n lock echo "two readers"; flock -x -n lock true; echo "no writer: $?"'
echo 0 > counter
for i in 1 2 3; do (for j in 1 2 3; do flock lock sh -c 'read n < counter; echo $((n + 1)) > counter'; done) & done
wait; cat counter
setsid --wait sh -c 'exit 4'; echo $?; seq 6 | xargs -P 3 -n 2 echo | sort
prlimit --nofile=50 sh -c 'ulimit -n'
prlimit --nofile --output SOFT,HARD --noheadings > /dev/null && echo limits
sleep 9 & kill -USR1 $!; wait $! 2> message; echo $?; nproc > /dev/null; id; tty
whoami; printenv HOME; true --version | head -n 1 | wc -w
