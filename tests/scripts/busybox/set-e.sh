# SPDX-License-Identifier: MIT
# set -e and -u: where a failure ends the shell and where it does not
try() { sh -c "$1"; echo "status $?"; }
try 'set -e; false; echo never'
try 'set -e; false || echo tolerated; echo on'
try 'set -e; if false; then :; fi; echo on'
try 'set -e; ! true; echo on'
try 'set -e; f() { false; echo "in condition"; }; f && echo yes'
try 'set -e; f() { false; echo never; }; f; echo never'
try 'set -e; x=$(false); echo never'
try 'set -e; false | true; echo on'
try 'set -e; (exit 3); echo never'
try 'set -e; trap "echo bye" EXIT; false'
try 'set -u; echo "$undefined"; echo never'
try 'set -u; echo "${undefined:-default}"'
