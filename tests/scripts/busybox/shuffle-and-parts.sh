# SPDX-License-Identifier: MIT
# one file in parts and together again: dd, head, tail and awk as split, cat, shuf
seq 100 > f
for part in 0 1 2; do dd if=f of=part.$part bs=100 skip=$part count=1 2>/dev/null; done
wc -c part.*; cat part.* | cmp - f && echo whole
head -n 60 f > first; tail -n +61 f > second; cat first second | cmp - f && echo "whole again"
awk 'NR % 40 == 1 { n++ } { print > ("c" n) }' f; wc -l c?; tail -n 1 c3
shuf -n 5 f | wc -l; shuf f | sort -n | cmp - f && echo "a permutation"; shuf -i 1-10 | sort -n | tr '\n' ' '; echo
