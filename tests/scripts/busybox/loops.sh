# SPDX-License-Identifier: MIT
# for, while, until, break and continue
for word in one "two three" four; do echo "[$word]"; done
set -- a b c
for argument; do printf '%s ' "$argument"; done
echo
i=0
while :; do
  i=$((i + 1))
  [ $i -eq 2 ] && continue
  [ $i -gt 4 ] && break
  echo "pass $i"
done
until [ $i -eq 0 ]; do i=$((i - 1)); done
echo "down to $i"
for outer in 1 2 3; do
  for inner in x y; do
    [ $outer = 2 ] && continue 2
    [ "$outer$inner" = 3x ] && break 2
    echo $outer$inner
  done
done
for nothing in; do echo never; done
echo "status of an empty loop: $?"
