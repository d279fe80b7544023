# SPDX-License-Identifier: MIT
# ulimit: reading back what was set; descriptors, file size, and who notices
ulimit -n 20; ulimit -n; sh -c 'ulimit -n'; (ulimit -n 10; ulimit -n); ulimit -n
ulimit -S -n 15; ulimit -S -n; ulimit -H -n
(
  ulimit -n 5; cat < /dev/null 3< /dev/null 4< /dev/null
  exec 3< /dev/null 4< /dev/null; : 8< /dev/null; echo "fd 8: $?"
) 2>&1
(ulimit -f 1; trap '' XFSZ; head -c 2000 /dev/zero > big; echo "status $?"; stat -c %s big) 2>&1
(ulimit -f 1; head -c 2000 /dev/zero > big2); echo "by signal $?"
ulimit -c 0; ulimit -c; ulimit -t 100; ulimit -t
