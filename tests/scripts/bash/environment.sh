# SPDX-License-Identifier: MIT
# environment: export, declare -x, unset, PATH lookup and hash, env -i, BASH_ENV, exec -a, SHLVL
export A=1; B=2 bash -c 'echo "$A $B"'; echo "${B-unset}"; declare -x C=3; bash -c 'echo $C'
export -n C; bash -c 'echo "${C-gone}"'; env -i /bin/bash -c 'echo "${HOME-no home}"'; mkdir bin
printf '#!/bin/bash\necho "mine: $0 $*"\n' > bin/mine; chmod +x bin/mine
PATH=/tmp/bin:$PATH mine x; mine 2>/dev/null; echo $?
PATH=$PATH:/tmp/bin; mine y; hash -t mine; echo 'echo from BASH_ENV' > env.sh
BASH_ENV=env.sh bash -c 'echo body'; (exec -a other bash -c 'echo $0'); (exec -c /bin/env)
bash -c 'echo $((SHLVL > 0))'; readonly R=1; (R=2) 2>&1; echo $?; (unset R) 2>&1
declare -l low=ABC; declare -u up=abc; echo $low $up; bash -c 'echo ${#A}' ; X='multi
line' bash -c 'echo "$X"'; set -a; auto=exported; set +a; bash -c 'echo $auto'
printf '#!/bin/bash -e\nfalse\necho never\n' > strict; chmod +x strict; ./strict; echo $?
printf '#!/no/such\n' > bad; chmod +x bad; ./bad 2>/dev/null; echo $?
printf 'echo no shebang\n' > plain; chmod +x plain; ./plain; touch empty; chmod +x empty
./empty; echo $?
