# SPDX-License-Identifier: MIT
# coreutils on text: comm, join, split, csplit, tsort, fmt, pr, nl, numfmt
printf 'a\nb\nc\n' > 1; printf 'b\nc\nd\n' > 2
comm 1 2; comm -12 1 2; comm -23 1 2
printf '1 one\n2 two\n3 three\n' > left; printf '1 eins\n3 drei\n4 vier\n' > right
join left right; join -a 1 -e none -o 0,1.2,2.2 left right; join -v 2 left right
seq 100 > f; split -l 30 f part.; wc -l part.*; cat part.* | cmp - f && echo whole
split -n 3 -d f third.; ls third.*; split -l 60 --filter='wc -l' f; csplit -s f 20 50; wc -l xx*
printf 'a b\nb c\na d\n' | tsort; echo 'several words to be filled into narrow lines' | fmt -w 20
seq 9 | pr -t -3 -w 30; seq 3 | nl -w 2 -s ': '; numfmt --to=iec 1048576 1500; echo 10K | numfmt --from=si
seq 5 | tac -s 3; seq 4 | paste -sd+; printf 'x\ty\n' | expand -t 4
seq 3 | shuf --random-source=/dev/zero | wc -l
printf "b:2\na:10\nc:2\n" | sort -t: -k2,2n -k1,1r; sort -c 1 && echo sorted; factor 360; od -An -tx1z < 1
