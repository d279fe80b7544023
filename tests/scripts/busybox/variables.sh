# SPDX-License-Identifier: MIT
# variables: export, readonly, unset, environment of children, special parameters
A=1; export B=2; sh -c 'echo "[$A] [$B]"'
C=3 D=4 env | grep -E '^[CD]=' | sort
readonly R=fixed; (R=changed) 2>&1; echo "$? $R"
unset A; echo "[${A-unset}]"
env -i X=1 /bin/env
env -u B sh -c 'echo "[$B]"'
set -- a b c d e f g h i j k; echo "$# $1 ${10} ${11} $10"; shift 3; echo "$# $1"; shift 99; echo "status $?"
set -- -x y; echo "$1 $2"
echo "$-" | grep -q e || echo "no e"; set -e; echo "$-" | grep -q e && echo e; set +e
export LONG=$(seq 1 2000 | tr '\n' ' '); sh -c 'echo ${#LONG}'
PATH=/nowhere; /bin/echo "absolute path"; PATH=/bin
