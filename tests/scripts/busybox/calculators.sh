# SPDX-License-Identifier: MIT
# expr, bc, dc
expr 6 \* 7; expr 10 / 3; expr 10 % 3; expr 5 \> 3; expr a = b; echo $?; expr length hello
expr substr hello 2 3; expr index hello l; expr hello : 'h\(.*\)o'; expr abc : '[a-z]*'
expr 1 / 0; echo $?; expr 3 + a; echo $?
bc <<'B'
2 ^ 100
scale = 20
4 * a(1)
sqrt(2)
define f(n) { if (n <= 1) return (1); return (n * f(n - 1)) }
f(25)
for (i = 0; i < 5; ++i) i ^ 2
ibase = 16; FF
obase = 2; 5
B
echo '1/3' | bc; echo 'scale=5; 1/3' | bc; echo 'e(1)' | bc -l; echo '2^64-1' | bc
dc -e '2 3 + p 5 k 1 3 / p 2 100 ^ p'; echo '[la1+dsa*pla10>y]sy 0sa1 lyx' | dc
dc -e '16 i FF p 10 o 255 p'; dc -e '1 0 /'; echo $?
