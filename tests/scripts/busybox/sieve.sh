# SPDX-License-Identifier: MIT
# a prime sieve and a sort in the shell's own arithmetic: mostly interpreting
limit=400; i=2
while [ $i -le $limit ]; do
  eval "c=\${composite_$i}"
  if [ -z "$c" ]; then
    primes="$primes $i" j=$((i * i))
    while [ $j -le $limit ]; do eval "composite_$j=1"; j=$((j + i)); done
  fi
  i=$((i + 1))
done
echo $primes
collatz() {
  n=$1 steps=0
  while [ $n -ne 1 ]; do
    [ $((n % 2)) = 0 ] && n=$((n / 2)) || n=$((3 * n + 1))
    steps=$((steps + 1))
  done
  echo "$1 $steps"
}
for start in 6 7 27 97; do collatz $start; done
