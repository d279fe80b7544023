# SPDX-License-Identifier: MIT
# CPU: a prime sieve, eight queens and greatest common divisors in bash
limit=2000; declare -a composite
for ((i = 2; i * i <= limit; i++)); do
  ((composite[i])) || for ((j = i * i; j <= limit; j += i)); do composite[j]=1; done
done
primes=(); for ((i = 2; i <= limit; i++)); do ((composite[i])) || primes+=($i); done
echo "${#primes[@]} ${primes[-1]} ${primes[*]:0:10}"
solutions=0 n=5; declare -a column
place() {
  local row=$1 c r
  ((row == n)) && { ((solutions++)); return; }
  for ((c = 0; c < n; c++)); do
    for ((r = 0; r < row; r++)); do
      ((column[r] == c || column[r] - c == r - row || column[r] - c == row - r)) && continue 2
    done
    column[row]=$c
    place $((row + 1))
  done
}
place 0; echo "$solutions ways for $n queens"
gcd() { local a=$1 b=$2; while ((b)); do ((a %= b, t = a, a = b, b = t)); done; echo $a; }
gcd 1071 462; gcd 1000000007 998244353
