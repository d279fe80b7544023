# SPDX-License-Identifier: MIT
# eval, exec, source with arguments, command, builtin, type, alias in scripts
v=x; eval "$v=5; echo \$$v"; eval 'if true; then' 'echo split; fi'; cat > lib <<'L'
echo "lib: $# $1 ${BASH_SOURCE[0]}"; lib_var=set; return 6
L
source ./lib arg; echo "$? $lib_var"; . ./lib; (exec echo replaced); (exec 2>&1; no_such_cmd_x)
echo $?; bash -c 'exec /no/such 2>/dev/null; echo never'; echo $?
bash -c 'shopt -s execfail; exec /no/such 2>/dev/null; echo "went on"'; command -v cd echo bash
type -t cd; ls() { echo "function ls"; }; ls; command ls -d /tmp; unset -f ls
builtin echo built
shopt -s expand_aliases; alias hi='echo aliased'; eval hi; unalias hi; enable -n echo
type -t echo; echo file; enable echo; bash <<< 'echo "script from stdin $0"'
bash -s a b <<< 'echo $2 $1'; echo 'echo "with args: $@"' > s; bash s 1 2
bash -c 'echo $0 $@' zero one; bash -n s && echo "syntax good"; bash -c 'if' 2>/dev/null
echo $?; bash -x -c 'echo traced' 2>&1
