# SPDX-License-Identifier: MIT
# eval, exec, ., command, type
name=greeting; eval "$name='hello there'"; eval echo \$$name
eval 'for i in 1 2; do echo $i; done; false'; echo $?
cat > lib <<'LIB'
sourced=yes
twice() { echo $(($1 * 2)); }
return 5
never=1
LIB
. ./lib; echo "$? $sourced [$never]"; twice 21
(exec echo replaced; echo never)
(exec no-such-program; echo never) 2>&1; echo $?
(exec > captured; echo one; echo two); cat captured
(exec < captured; read a; read b; echo "$b $a")
command -v cd; command -v no-such || echo "not found"
cd() { echo "function cd"; }; cd /; command cd /; pwd; unset -f cd
A=1 sh -c 'echo $A'; echo "[$A]"
sh -c 'echo $0 $1 $2' zero one two
sh -s a b <<'IN'
echo "from standard input: $1 $2"
IN
