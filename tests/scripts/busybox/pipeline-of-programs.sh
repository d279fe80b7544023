# SPDX-License-Identifier: MIT
# a longer program: word frequencies of a generated text, a report, and its check sums
words="the a of and to in is that it for was on are as with his they at be this"
i=0; set -- $words
while [ $i -lt 2000 ]; do
  eval "echo \${$((i * 7 % 20 + 1))}"
  [ $((i % 11)) = 0 ] && echo "LINE $i,"
  i=$((i + 1))
done > text
tr -cs 'A-Za-z' '\n' < text | tr A-Z a-z | sort | uniq -c | sort -k1,1nr -k2 | head -n 8
awk '{ n[length($1)]++ } END { for (l in n) print l, n[l] }' text | sort -n
grep -n LINE text | sed -n '1p;$p' | cut -d: -f1 | paste -s -d' '
md5sum text | cut -c1-32; tar cf - text | gzip | zcat | tar xOf - | cmp - text && echo "through tar and gzip"
