# SPDX-License-Identifier: MIT
# test and [: files, strings, numbers, and/or, file times and identity
check() { "$@"; echo "$* -> $?"; }
touch file; mkdir dir; ln -s file link; ln -s nowhere broken; ln file hard; mkfifo fifo
echo x > full; chmod 600 full; chmod +x file
for name in file dir link broken fifo missing /dev/null; do
  printf '%s:' $name
  for flag in e f d h p c s r x; do [ -$flag $name ] && printf ' %s' $flag; done
  echo
done
check [ file -ef hard ]; check [ file -ef full ]
touch -d '2020-01-01 00:00:00' old; check [ file -nt old ]; check [ file -ot old ]
check [ a = a ]; check [ a != a ]; check [ -z "" ]; check [ -n "" ]; check [ abc \< abd ]
check [ 10 -gt 9 ]; check [ 10 -lt 9 ]; check [ -1 -le 0 ]; check [ 1 -eq 01 ]
check [ a = a -a b = c ]; check [ a = b -o b = b ]; check [ ! a = b ]
check [ ]; check [ x ]; check test; check [ "(" a ")" ]
[ 1 -eq x ]; echo $?
[ -t 0 ] || echo "no terminal"
