# SPDX-License-Identifier: MIT
# functions: local and dynamic scope, recursion, namerefs, FUNCNAME, return, arguments, export -f
fib() { local n=$1; ((n < 2)) && { echo $n; return; }; echo $(($(fib $((n - 1))) + $(fib $((n - 2))))); }; fib 9
ack() {
  if (($1 == 0)); then r=$(($2 + 1))
  elif (($2 == 0)); then ack $(($1 - 1)) 1
  else ack $1 $(($2 - 1)); ack $(($1 - 1)) $r
  fi
}
ack 2 3; echo $r
outer() { local v=outer; inner; echo $v; }; inner() { v=changed; echo "${FUNCNAME[*]}"; }; outer
echo "${v-global is unset}"; swap() { local -n x=$1 y=$2; local t=$x; x=$y y=$t; }; p=1 q=2
swap p q; echo $p $q
args() { echo "$# $1 ${*: -1} ${BASH_ARGV0:+zero}"; shift; echo "$@"; set -- changed; echo $1; }
args a b c; f() { return $1; }; f 300; echo $?; export -f fib; bash -c 'fib 5'
declare -F | wc -l; type -t fib echo if ls
deep() { (($1)) && deep $(($1 - 1)) || echo "deep enough"; }; deep 300; unset -f fib
fib 2>/dev/null; echo $?; g() (cd /; pwd; x=inside); g; pwd; echo "${x-}"
caller_test() { caller 0 | cut -d' ' -f2; }; caller_test; function keyword { echo keyword; }
keyword
