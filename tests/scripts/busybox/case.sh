# SPDX-License-Identifier: MIT
# case: patterns, alternatives, quoting, no match
kind() {
  case $1 in
    "") echo empty ;;
    [0-9]) echo digit ;;
    [!a-z]*) echo "starts with no small letter" ;;
    *.tar.gz | *.tgz) echo archive ;;
    a?c) echo "a, any, c" ;;
    "*") echo never ;;
    -h | --help) echo help ;;
    *) echo other ;;
  esac
}
for word in "" 7 Hello src.tar.gz x.tgz abc ac '*' --help; do printf '%s: ' "$word"; kind "$word"; done
case x in y) false ;; esac
echo "no match leaves $?"
