# SPDX-License-Identifier: MIT
# case with ;& and ;;&, (( )) in conditions, brace ranges, nested loops with break n, select by regular expression
classify() {
  case $1 in
    [0-9]) echo -n "digit " ;;&
    [0-5]) echo -n "low " ;;
    a) echo -n "a then " ;&
    b) echo -n "b " ;;
    *) echo -n "other " ;;
  esac
  echo "($1)"
}
for c in 3 7 a b z; do classify $c; done
for x in {1..3}; do
  for y in {a..c}; do
    [[ $x$y == 2b ]] && continue 2
    [[ $x == 3 ]] && break 2
    echo -n "$x$y "
  done
done
echo; echo {10..1..-3} {A..E} {001..003} {-2..2} a{b,c{d,e}}f
until ((n++ >= 3)); do echo -n "$n "; done; echo
while :; do ((++k > 5)) && break; ((k % 2)) && continue; echo -n "$k "; done; echo
time_it() { TIMEFORMAT='%0lU'; { time :; } 2>&1 | sed 's/[0-9]/N/g'; }; time_it
for ((;;)); do break; done
if ((5 > 3)) && [[ x ]]; then echo nested; elif false; then :; else echo no; fi
[ "$(echo a; exit 3)" = a ]; echo $?; x=$(exit 4); echo $?; ! :; echo $?
