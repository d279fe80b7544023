# SPDX-License-Identifier: MIT
# functions: arguments, local, return, recursion, redefinition
factorial() {
  [ "$1" -le 1 ] && { echo 1; return; }
  echo $(($1 * $(factorial $(($1 - 1)))))
}
factorial 12
hanoi() {
  local n=$1 from=$2 to=$3 over=$4
  [ $n -eq 0 ] && return
  hanoi $((n - 1)) $from $over $to
  echo "$n: $from to $to"
  hanoi $((n - 1)) $over $to $from
}
hanoi 3 a b c
x=global
shadow() { local x=local; inner; x=changed; }
inner() { echo "inner sees $x"; }
shadow
echo "afterwards $x"
status() { return $1; }
status 7; echo $?
status() { echo "another one: $# arguments"; }
status a 'b c'
unset -f status
status 2>/dev/null || echo "gone: $?"
to_file() { echo "written by $1"; } > out
to_file someone; cat out
