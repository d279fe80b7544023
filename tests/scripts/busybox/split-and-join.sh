# SPDX-License-Identifier: MIT
# split, cat, shuf, join by hand, fold back together, csplit's work by awk
seq 100 > f; split -l 30 f part.; wc -l part.*; cat part.* | cmp - f && echo whole; rm part.*
split -b 100 f x; ls; cat x* | cmp - f && echo whole
seq 100 | split -l 50 - in.; head -n 1 in.ab; split -a 3 -l 60 f y; ls y*; shuf -n 5 f | wc -l
shuf f | sort -n | cmp - f && echo "a permutation"; shuf -i 1-10 | sort -n | tr '\n' ' '; echo
awk 'NR % 40 == 1 { n++ } { print > ("c" n) }' f; wc -l c?; tail -n 1 c3
