# SPDX-License-Identifier: MIT
# a command line parser with getopts, long options by hand, shift, "$@" passed on
parse() {
  local OPTIND=1 o
  while getopts ':vo:h-:' o; do
    case $o in
      v) echo verbose ;;
      o) echo "out=$OPTARG" ;;
      h) echo help ;;
      -) echo "long=${OPTARG%%=*} value=${OPTARG#*=}" ;;
      :) echo "needs value: $OPTARG" ;;
      \?) echo "unknown: $OPTARG" ;;
    esac
  done
  shift $((OPTIND - 1))
  echo "rest($#): $*"
}
parse -v -o file a b; parse -vofile; parse --color=red -h x; parse -o; parse -q; parse -- -v
parse; pass() { parse "$@"; }; pass -o 'with space' 'a  b'; set -- "$@" last; echo $#
set -- one 'two three'; for a; do echo "<$a>"; done; echo "${@: -1}"
while (($#)); do echo "$1"; shift; done; set -- {1..12}; echo $10 ${10} $#
