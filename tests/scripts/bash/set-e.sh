# SPDX-License-Identifier: MIT
# set -e, -u, -o pipefail, inherit_errexit, PIPESTATUS
try() { bash -c "$1" 2>&1; echo "status $?"; }
try 'set -e; false; echo never'; try 'set -e; false || true; echo on'
try 'set -e; x=$(false); echo never'
try 'set -e; local_fails() { local x=$(false); echo "local hides it"; }; local_fails'
try 'set -e; ((0)); echo never'; try 'set -e; [[ a == b ]] && :; echo on'
try 'set -eo pipefail; false | true; echo never'; try 'set -e; echo "$(false; echo on)"'
try 'set -e; shopt -s inherit_errexit; echo "$(false; echo never)"; echo on'
try 'set -u; echo ${a[0]}'; try 'set -u; a=(); echo "${a[@]}" fine'
try 'false | true | (exit 3) | true; echo "${PIPESTATUS[@]}"'
try 'set -o pipefail; (exit 2) | (exit 3) | true; echo $?'
try 'yes | head -n 1; echo "${PIPESTATUS[@]}"'; try '! false | true; echo $?'
