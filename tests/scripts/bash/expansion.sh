# SPDX-License-Identifier: MIT
# parameter expansion of bash: substrings, replacement, case, indirection, transformation
s='Hello, World'
echo "${s:7}" "${s:0:5}" "${s: -5:3}" "${s^^}" "${s,,}" "${s~~}" "${#s}"
echo "${s/o/0}" "${s//o/0}" "${s/#Hello/Bye}" "${s/%World/All}"
name=s; echo "${!name}"; path=/a/b/c.tar.gz; echo "${path##*/}" "${path%%.*}" "${path%/*}"
prefix_one=1 prefix_two=2; echo "${!prefix_@}"
echo "${s@Q}" "${s@U}" "${s@L}"; v=$'a\tb\n'; echo "${v@Q}" "${v@E}"; declare -r const=1
echo "${const@a}"; t='\u@'; set -- x 'y z'; echo "${@:2}" "${@:0:2}" "${#@}" "${*@Q}"
echo "${unset-default}" "${unset:=now}" "$unset"; (: "${missing:?is missing}") 2>&1
echo {a,b}{1..3} {01..10..3} {e..a..2} pre{x,,y}post {1..3}{,} \{a,b} {single} $'\x41\u00e9\t|'
printf -v var '%05d' 42; echo "$var"; echo "${s//[aeiou]/_}" "${s//[!a-zA-Z]/}"
echo "${s:(-3)}"; IFS=, read -ra parts <<< 'a,b,,c'; echo "${#parts[@]}"
