# SPDX-License-Identifier: MIT
# declare, readonly, integer, nameref, printf -v, scopes, set -o, shopt
declare -i n=5; n+=3; echo $n; n=abc; echo $n; declare -r r=1; declare -p r n
f() { declare -g made=global; declare own=local; }; f; echo "$made ${own-none}"
declare -n ref=target; target=hit; echo $ref; ref=new; echo $target; unset -n ref
declare -a a=(1); declare -A h=([x]=1); declare -p a h; typeset t=1; echo $t
(readonly q=1; q=2; echo never) 2>&1; echo $?
shopt -q extglob || echo off; shopt -s extglob; shopt extglob; set -o | grep -E '^(errexit|noglob)'
set -o noglob; echo *; set +o noglob
declare -f f; export E=1; declare -x | grep -c ' E='; compgen -A function | sort
printf -v 'a[3]' x; declare -p a; x=1 y=$x; echo $y
local z 2>&1; echo $?; declare -t traced=1; echo ${traced@a}; let 'k = 3' 'k *= 2'; echo $k
declare -l low=ABC; declare -u up=abc; echo $low $up
