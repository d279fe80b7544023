# SPDX-License-Identifier: MIT
# parameter expansion: defaults, lengths, prefixes, suffixes, substrings, replacement
unset none; empty=; name=archive.tar.gz; path=/usr/local/bin/tool
echo "${none-unset}" "${empty-unset}" "${empty:-empty}" "${none+set}" "${name+set}"
echo "${none:=assigned}" "$none" ${#name} ${#empty}
echo ${name%.*} ${name%%.*} ${name#*.} ${name##*.}
echo ${path##*/} ${path%/*} "${path#/usr}"
echo ${name:3} ${name:0:4} ${name: -2} ${name/tar/zip} ${name//r/R}
(echo ${empty:?must not be empty}) 2>&1; echo "status $?"
set -- 'a b' c
echo "$#" "$*" "$@" "${1#a }" "${@}"
IFS=,; echo "$*"; unset IFS
spaces='  several   words  '
echo $spaces
echo "$spaces"
quoted='$none `none`'; echo "$quoted" '\n' "\$"
echo ~ ~/x "~"
