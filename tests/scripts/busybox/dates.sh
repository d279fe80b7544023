# SPDX-License-Identifier: MIT
# date with a given time, formats, time zones, cal
date -u -d @0; date -u -d @1234567890 '+%Y-%m-%d %H:%M:%S %j %U %u %A %B %p %s %%'
TZ=EST5EDT date -d @1000000000; TZ=CET-1CEST,M3.5.0,M10.5.0/3 date -d @1720000000 '+%F %T %Z %z'
date -u -d '2024-02-29 12:34:56' +%s; date -u -d '2000-01-01' +%a; date -d 'nonsense'; echo $?
date -u -d 1970.01.02-03:04:05 -R; date -u -d @0 -Iseconds
cal 2 2024; cal 9 1752; cal 1 1970 | head -n 2
TZ=UTC0 touch -d @86400 f; TZ=UTC0 stat -c %y f; TZ=UTC0 ls -l --full-time f | awk '{ print $6, $7 }'
