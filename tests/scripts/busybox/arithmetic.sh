# SPDX-License-Identifier: MIT
# $(( )): operators, bases, assignment, short circuit, 64 bits
echo $((7 / 2)) $((-7 / 2)) $((-7 % 3)) $((2 + 3 * 4)) $(((2 + 3) * 4))
echo $((0x1f)) $((017)) $((1 << 40)) $((-1 >> 1)) $((5 & 3)) $((5 | 3)) $((5 ^ 3)) $((~5)) $((!5))
echo $((3 > 2)) $((3 == 2)) $((1 && 0)) $((1 || 0)) $((0 ? 10 : 20))
a=5
echo $((a += 2)) $((a++)) $((++a)) $a $((a--)) $a
echo $((0 && (a = 99))) $a $((1 || (a = 99))) $a
echo $((9223372036854775807 + 1))
b=a; echo $((b + 1))
echo $((1 / 0)); echo "not reached"
