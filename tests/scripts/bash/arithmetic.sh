# SPDX-License-Identifier: MIT
# (( )), let, $(( )): operators, bases, C loops, comma, precedence, errors
echo $((2 ** 10)) $((2 ** 3 ** 2)) $((16#ff)) $((2#1011)) $((36#zz)) $((-7 / 2)) $((-7 % 3)) $((1 << 62)) $((~0 >> 1))
((x = 5, y = x * 2)); echo $x $y; ((x > 3 && y < 11)) && echo both; ((0)); echo $?; let "z = x ** 2" z-=1; echo $z
for ((i = 10, j = 0; i > j; i -= 2, j++)); do echo -n "$i,$j "; done; echo
echo $((x > 3 ? x++ : x--)) $x $((x += x *= 2)); a=(3 4); echo $((a[0] ** 2 + a[1] ** 2))
(echo $((1 / 0))) 2>&1; (echo $((08))) 2>&1; (echo $((2 +))) 2>&1; echo $((9223372036854775807 + 1))
n=m m=7; echo $((n * 2)); declare -i int=3*4; echo $int; int+=1; echo $int
