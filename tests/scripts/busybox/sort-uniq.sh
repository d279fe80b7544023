# SPDX-License-Identifier: MIT
# sort and uniq: keys, numbers, reverse, unique, stability, merging, counts
cat > list <<'T'
pear 10
apple 9
Plum 100
apple 10
fig 1e1
T
sort list; sort -r list; sort -f list; sort -k2n list; sort -k2,2n -k1,1r list
sort -u -k1,1 list; sort -s -k1,1 list
printf '10\n9\n-1\n2.5\n' | sort -n; printf '1K\n2M\n3\n' | sort -h; printf 'b\na\n' > s1
printf 'c\nb\n' | sort > s2; sort s1 s2; sort -m s2 s2
sort -c list; echo $?; sort -t: -k2 <<'T'
a:z
b:y
T
printf 'a\na\nb\na\n' | uniq; printf 'a\na\nb\na\n' | uniq -c; printf 'a\na\nb\n' | uniq -d
printf 'a\na\nb\n' | uniq -u
printf 'x 1\ny 1\nz 2\n' | uniq -f 1; printf 'Aa\naA\n' | uniq -i; printf 'v1.10\nv1.9\n' | sort -V
seq 3000 | awk '{ print ($1 * 7919) % 3001 }' | sort -n | md5sum
printf 'b\0a\0' | sort -z | tr '\0' ' '; echo; sort -o list list; head -n 1 list
