# SPDX-License-Identifier: MIT
# diff: formats and options; patch: apply, reverse, reject; cmp
seq 10 > a; seq 10 | sed '3s/.*/three/;7d;9a\new' > b
diff -u -L a -L b a b; echo $?; diff -q a b; diff -s a a; diff a a; echo $?; diff -u -L a -L b a b > p
cp a c; patch c p; cmp c b && echo "patched"; patch -R c p; cmp c a && echo "reversed"
mkdir d1 d2; echo x > d1/same; echo x > d2/same; echo 1 > d1/differs; echo 2 > d2/differs; touch d1/only
diff -r -q d1 d2; echo $?; diff -r -L l -L r d1 d2; printf 'a  b\n' > w1; printf 'a b\n' > w2
diff -b w1 w2; echo $?; diff -i -L 1 -L 2 w1 w2 | head -n 3
printf 'a\n\nb\n' | diff -B - w2 > /dev/null; echo $?
diff -U 0 -L a -L b a b; printf 'no newline' | diff -L x -L y - w2; seq 20 > far; patch far p
echo $?; printf 'x\n' > bad; patch bad p; echo $?; ls bad*
cmp a b; echo $?; cmp -s a a; echo $?; cmp a missing; echo $?; cmp -l w1 w2; printf 'ab' | cmp - w1; echo $?
