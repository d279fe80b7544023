# SPDX-License-Identifier: MIT
# larger amounts through pipes, variables, arrays, arguments and files
seq 10000 > f; mapfile -t all < f; echo "${#all[@]} ${all[9999]}"
sum=0; for v in "${all[@]:0:2000}"; do ((sum += v)); done; echo $sum
printf '%s\n' "${all[@]}" | cmp - f && echo "the same"
x=$(< f); echo ${#x}; y=${x//$'\n'/,}; echo ${#y} "${y:0:20}"
cat f f f | wc; sort -rn f | head -n 1
s=; for i in {1..3000}; do s+=ab; done; echo ${#s}
head -c 200000 /dev/zero | tr '\0' x | md5sum; gzip -c f | gunzip | md5sum; md5sum < f
bash -c 'echo $#' _ "${all[@]:0:3000}"
