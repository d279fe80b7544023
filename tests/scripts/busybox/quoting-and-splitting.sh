# SPDX-License-Identifier: MIT
# word splitting with IFS, quoting, and what "$@" keeps
show() { printf '<%s>' "$@"; echo; }
line='a:b::c'
IFS=:; show $line; unset IFS
show a"b c"d 'it'"'"'s' "tab	inside" \
  continued
show $(printf '1\n2 3\n')
show "$(printf 'kept\n\n\n')"
set -- "x y" '' z; show $@; show "$@"; show "$*"
star='*'; show "$star"
show `echo back\`echo ticks\``
show $'tab\there' $'\x41\102'
