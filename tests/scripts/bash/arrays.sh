# SPDX-License-Identifier: MIT
# indexed arrays: assignment, holes, slices, lengths, append, unset, copies, loops
a=(one "two words" three); echo "${#a[@]} ${a[1]} ${a[-1]} ${#a[1]}"
a+=(four); a[9]=nine; echo "${a[@]}" "${!a[@]}"; printf '<%s>' "${a[@]}"; echo
unset 'a[0]'; echo "${#a[@]} [${a[0]-gone}] ${!a[*]}"; echo "${a[@]:1:2}" "${a[@]: -2}"
b=("${a[@]}"); echo "${!b[@]}"
for i in "${!a[@]}"; do echo "$i=${a[i]}"; done; IFS=-; echo "${b[*]}"; unset IFS
echo "${b[@]/o/0}" "${b[@]#t}" "${b[@]^}"; declare -p b; c=([3]=x [1]=y z); declare -p c
words=($(echo x y z)); echo ${#words[@]}
s=scalar; s[2]=now; declare -p s; empty=(); echo "${#empty[@]} ${empty[@]-none}"
f() { local l=(1 2 3); echo "${l[@]}"; }; f; echo "${l-not here}"
matrix=()
for ((i = 0; i < 3; i++)); do for ((j = 0; j < 3; j++)); do matrix[i * 3 + j]=$((i * j)); done; done
echo "${matrix[@]}"
