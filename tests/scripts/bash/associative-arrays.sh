# SPDX-License-Identifier: MIT
# associative arrays: keys with spaces, existence, loops, counting, unset, printing
declare -A age=([alice]=30 ["bob b"]=25); age[carol]=41; echo "${#age[@]} ${age[bob b]} ${age[nobody]-none}"
for name in "${!age[@]}"; do echo "$name: ${age[$name]}"; done | sort
[[ -v age[alice] ]] && echo "alice is there"; unset 'age[alice]'; [[ -v age[alice] ]] || echo "and gone"
declare -A count; for word in a b a c a b; do ((count[$word]++)); done
for word in a b c; do echo "$word ${count[$word]}"; done
declare -A copy; for k in "${!count[@]}"; do copy[$k]=${count[$k]}; done; echo "${#copy[@]}"
key='$(echo x)'; copy[$key]=odd; echo "${copy[$key]}"
f() { local -A inner=([k]=v); echo "${inner[k]}"; }; f; declare -n ref=count; ref[z]=26; echo "${count[z]}"
declare -A big; for i in {1..2000}; do big[key$i]=$i; done; sum=0
for k in "${!big[@]}"; do ((sum += big[$k])); done; echo $sum ${#big[@]}
