# SPDX-License-Identifier: MIT
# getopts: flags, arguments, errors, clusters, rest, OPTIND
parse() {
  OPTIND=1
  while getopts "ab:c" option "$@"; do
    case $option in
      b) echo "b with $OPTARG" ;;
      \?) echo "bad" ;;
      *) echo "flag $option" ;;
    esac
  done
  shift $((OPTIND - 1)); echo "rest: $*"
}
parse -a -b value x y
parse -acb value -c -- -a
parse -bglued file
parse -z 2>&1
parse -b 2>&1
quiet() { OPTIND=1; while getopts ":n:" o "$@"; do echo "$o ${OPTARG-none}"; done; }
quiet -n 1 -q -n
set -- $(getopt ab: -b 1 -a rest); echo "$@"
