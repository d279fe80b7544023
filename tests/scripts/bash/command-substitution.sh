# SPDX-License-Identifier: MIT
# $( ), ` `, $(< ), ${ }, nesting, trailing newlines, NUL bytes, exit status, large output
echo "$(echo a "$(echo b "$(echo c)")")" `echo x \`echo y\``
x=$(printf 'a\n\n\n'); echo "[$x]"
echo data > f; echo "$(< f)"
x=$(exit 3); echo $?
local_status() { local y=$(exit 4); echo $?; }; local_status
{ x=$(printf 'a\0b'); } 2>/dev/null; echo "${#x}"
big=$(seq 20000); echo ${#big}
echo $(echo  many   spaces) "$(echo  'kept   ' here)"
x=$(echo out; echo err >&2) 2>/dev/null; echo $x
x=$({ echo both; echo too >&2; } 2>&1); echo $x
x=${ echo "no subshell"; y=set; }; echo "$x $y"
echo "$(cat << END
a here-document inside
END
)"
v=$(cd /; pwd); echo $v $PWD
a=($(seq 3)); echo ${a[1]}
echo $(trap 'echo trapped in' EXIT; echo sub)
echo "$(echo $(echo $(echo $(echo $(echo deep)))))"
