# SPDX-License-Identifier: MIT
# GNU grep, sed and gawk: what busybox's lack
printf 'one two\nthree four\nfive\n' > f
grep -oP '\w+(?= four)' f; grep -n --color=always two f | od -c | head -n 2; grep -rl three . 
grep -z -c one f; grep -m 1 -A 1 three f; grep -b o f; echo 'aXb' | grep -iw axb
grep --include='*.x' -r one .; echo $?
sed -E 's/(\w+) (\w+)/\2 \1/;s/o/0/2g' f; sed -s -n '$p' f f; sed '0,/o/s//0/' f
echo x | sed 'e echo executed'
sed -n '/one/,+1p' f; sed -z 's/\n/,/g' f; echo; sed --posix 's/a\|b/x/' f | head -n 1
sed -i.bak '1~2d' f; cat f f.bak; sed 's/.*/\U&/;s/E/\l&/' f; sed -u 1q f.bak
sed --expression='$!N;s/\n/ /' f.bak
gawk 'BEGIN {
  print strftime("%Y-%m-%d", 86400, 1), toupper(substr("xyz", 2)), length("é")
  print gensub(/(a)(n)/, "\\2\\1", "g", "banana")
}'
gawk 'BEGIN {
  a["x"] = 3; a["y"] = 1; PROCINFO["sorted_in"] = "@val_num_asc"; for (k in a) print k, a[k]
  printf "%c%c %i %5.2f\n", 72, "i", 3.9, 2.345
}'
gawk 'BEGIN {
  command = "tr a-z A-Z"; print "coprocess" |& command; close(command, "to"); command |& getline line; print line
  print "b\na" | "sort"; close("sort"); print system("exit 3")
}'
gawk -v RS= '{ print NR, NF }' f.bak; gawk 'BEGIN { FIELDWIDTHS = "1 2 3" } { print $2 }' f.bak
gawk '@include "missing"' 2>/dev/null; echo $?
gawk 'BEGIN { print and(12, 10), or(12, 10), xor(12, 10), lshift(1, 40), strtonum("0x1f") }'
gawk -M 'BEGIN { print 2 ^ 100 }'
