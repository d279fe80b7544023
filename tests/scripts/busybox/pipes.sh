# SPDX-License-Identifier: MIT
# pipelines: order, exit status, subshell variables, long ones, broken ones
printf '3\n1\n2\n' | sort | head -n 2 | tr '\n' ' '; echo
true | false; echo $?
false | true; echo $?
! true; echo $?
! false | false; echo $?
x=outside; echo inside | read x; echo $x
seq 1 1000 | while read n; do total=$((total + n)); [ $n = 1000 ] && echo $total; done
yes | head -n 2
seq 20000 | head -n 1; seq 20000 | tail -n 1
echo abc | { read -n 1 c 2>/dev/null; echo "first: $c"; cat; }
i=0; chain=cat; while [ $i -lt 12 ]; do chain="$chain | cat"; i=$((i + 1)); done
seq 500 | eval "$chain" | md5sum
set -o pipefail; false | true; echo "pipefail $?"; true | sh -c 'exit 9' | true; echo $?
