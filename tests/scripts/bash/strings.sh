# SPDX-License-Identifier: MIT
# strings without other programs: reverse, trim, split, join, repeat, rot13, base conversion, sorting
reverse() { local r= i; for ((i = ${#1} - 1; i >= 0; i--)); do r+=${1:i:1}; done; echo "$r"; }
reverse 'hello world'
trim() { local s=$1; s=${s#"${s%%[![:space:]]*}"}; s=${s%"${s##*[![:space:]]}"}; echo "[$s]"; }
trim '   a b  '
join() { local IFS=$1; shift; echo "$*"; }; join , a b c
IFS=/ read -ra parts <<< 'usr/local/bin'; echo "${parts[1]}"; printf '=%.0s' {1..20}; echo
rot13() {
  local o= c i p a=abcdefghijklmnopqrstuvwxyz
  for ((i = 0; i < ${#1}; i++)); do
    c=${1:i:1}
    if [[ $a == *$c* ]]; then p=${a%%$c*} o+=${a:(${#p} + 13) % 26:1}; else o+=$c; fi
  done
  echo "$o"
}
rot13 'uryyb jbeyq'; rot13 "$(rot13 'there and back')"
binary() { local n=$1 b=; while ((n)); do b=$((n % 2))$b; ((n /= 2)); done; echo ${b:-0}; }
binary 37; binary 255
bubble() {
  local -a a=("$@")
  local i j t n=${#a[@]}
  for ((i = 0; i < n; i++)); do
    for ((j = 0; j < n - i - 1; j++)); do
      ((a[j] > a[j + 1])) && { t=${a[j]}; a[j]=${a[j + 1]}; a[j + 1]=$t; }
    done
  done
  echo "${a[@]}"
}
bubble 5 3 9 1 7 2 8; ord() { printf '%d\n' "'$1"; }; ord A
[[ level == "$(reverse level)" ]] && echo palindrome
caesar=; for c in {a..z}; do caesar+=$c; done; echo ${#caesar}; s=aXbXc
echo "${s//X/, }" $(( ${#s} - ${#s} / 2 )); echo "${s%%X*}" "${s##*X}"; count=${s//[^X]}
echo ${#count}; [[ $s == *X* ]] && echo contains
