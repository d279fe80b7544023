# SPDX-License-Identifier: MIT
# cut, tr, paste, fold, expand, nl, rev, tac, head, tail, wc, tee, strings, seq
printf 'a:b:c\nd:e:f\nnone\n' > t
cut -d: -f2 t; cut -d: -f1,3 t; cut -c2-3 t; cut -d: -s -f2- t; cut -b1 t
echo 'Hello World' | tr a-z A-Z; echo 'aabbcc' | tr -s a-c; echo 'a1b2' | tr -d 0-9
echo 'abc' | tr -c 'a\n' x; echo hello | tr '[:lower:]' '[:upper:]'
seq 6 | paste - - -; seq 3 > n; printf 'x\ny\n' > l; paste n l; paste -d, n l; paste -s n
echo 'a long line that is folded' | fold -w 10
echo 'a long line that is folded' | fold -s -w 10; printf 'a\tb\n' | expand | od -An -c
printf '        x\n' | unexpand | od -An -c
nl t; echo abc | rev; seq 3 | tac; seq 10 | head -n 3; seq 10 | head -n -8; seq 10 | tail -n 2
seq 10 | tail -n +9; seq 10 | head -c 5; echo; seq 10 | tail -c 5
wc t n; wc -l < n; wc -w t; wc -L t; echo shown | tee a b; cat a b; echo more | tee -a a > /dev/null; cat a
strings -n 3 /bin/busybox | head -n 1 | wc -c; seq -w 8 11; seq 5 -2 1; seq 0.5 0.5 2; seq -s, 5
printf 'one two\n' | tr ' ' '\n' | cat -n
printf 'a\r\n' | dos2unix | od -An -c; printf 'a\n' | unix2dos | od -An -c; factor 1234567890
printf '\001\377z\n' | cat -v; printf 'a\n\n\n\nb\n' | cat -s 2>/dev/null || echo "no -s"
