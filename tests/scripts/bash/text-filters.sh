# SPDX-License-Identifier: MIT
# text through pipelines: a log is made, parsed, grouped and reported
levels=(INFO WARN ERROR)
for i in {1..120}; do
  printf '2024-01-%02d %02d:00 %s ' $((i % 28 + 1)) $((i % 24)) ${levels[i % 3]}
  printf 'module%d message %d\n' $((i % 5)) $i
done > log
cut -d' ' -f3 log | sort | uniq -c | awk '{ print $2, $1 }'
grep ERROR log | sed -E 's/.*(module[0-9]).*/\1/' | sort | uniq -c | sort -rn | head -n 2
awk '$3 == "WARN" { n[$4]++ } END { for (m in n) print m, n[m] }' log | sort
sort -k1,1r -k2,2 log | head -n 2; tail -n +119 log | tr a-z A-Z; declare -A per
while read -r d t l m rest; do ((per[$m]++)); done < log
for m in "${!per[@]}"; do echo "$m ${per[$m]}"; done | sort
wc log; head -c 40 log; echo; md5sum < log; grep -n ERROR log | head -n 1
paste -d: <(cut -d' ' -f1 log | head -n 2) <(seq 2); nl log | tail -n 1; head -n 50 log > part.1; tail -n +51 log > part.2
wc -l part.* | tail -n 1; cat part.* | diff - log && echo whole; xargs -n 4 < <(seq 10)
sed -n '10~50p' log; awk 'END { print NR }' log; tac log | head -n 1
