# SPDX-License-Identifier: MIT
# One script after the other, as a benchmark: suite.sh SCRIPT..., each in an empty /tmp, what it says on standard output is said.
for script; do
  cd /
  rm -rf /tmp/*
  cd /tmp
  sh "$script" 2>/dev/null </dev/null
  echo "$script: $?"
done
