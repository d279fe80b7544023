# SPDX-License-Identifier: MIT
# awk: fields, patterns, arrays, functions, printf, getline, regular expressions, pipes
cat > table <<'T'
pear 3 green
apple 10 red
plum 2 blue
apple 7 green
T
awk '{ print NR, NF, $1, $NF }' table; awk '/apple/ { n += $2 } END { print n, n / NR }' table
awk '{ sum[$1] += $2 } END { for (k in sum) print k, sum[k] }' table | sort
awk 'BEGIN { printf "%5d|%-5s|%05.2f|%x|%c|%e\n", 42, "ab", 3.14159, 255, 65, 12345.678 }'
awk '
  function fib(n) { return n < 2 ? n : fib(n - 1) + fib(n - 2) }
  BEGIN { for (i = 0; i < 15; i++) printf "%d ", fib(i); print "" }'
awk -F: -v OFS=- '{ $1 = $1; print }' <<'T'
a:b:c
T
awk 'BEGIN {
  s = "hello world"; print length(s), substr(s, 1, 4), index(s, "wor"), toupper(s)
  gsub(/o/, "0", s); print s; print match("foobar", /ob+/), RSTART, RLENGTH
}'
awk 'BEGIN { n = split("a,b,c", parts, ","); for (i = n; i; i--) printf "%s ", parts[i]; print "" }'
awk 'NR == 2, NR == 3' table; awk '$2 > 5 && $3 != "red"' table; awk '!seen[$1]++ { print $1 }' table
awk 'BEGIN {
  while (("seq 3" | getline line) > 0) print "got " line
  close("seq 3"); print "b\na" | "sort"; close("sort"); print "end"
}'
awk 'BEGIN {
  print 2 ^ 10, 7 % 3, -7 % 3, 1e3, 0.1 + 0.2, int(-3.7), 1 / 3
  print sqrt(2), exp(1), log(10), sin(1), cos(1), atan2(1, 2)
}'
awk 'BEGIN { print 1 == 1.0, "10" < "9", 10 < 9, "a" "b" }'; awk 'BEGIN { RS = "" } { print NR ": " $1 }' <<'T'
first para
still

second
T
awk 'BEGIN { exit 3 }'; echo $?; awk 'BEGIN { print system("exit 4") }'
awk 'BEGIN { print ENVIRON["HOME"], ARGV[1] }' arg
awk '{ print > ($1 ".out") } END { close("apple.out"); while ((getline l < "apple.out") > 0) print "again " l }' table
awk 'BEGIN { x["a"]; delete x["a"]; print length(x), ("b" in x); srand(1); r = rand(); print (r >= 0 && r < 1) }'
awk 'BEGIN { print 1 / 0 }'; echo $?
