# SPDX-License-Identifier: MIT
# [[ ]]: patterns, regular expressions and BASH_REMATCH, comparison, files, precedence
[[ abc == a* ]] && echo glob; [[ abc == "a*" ]] || echo quoted; [[ abc < abd ]] && echo less
[[ 10 -gt 9 && ! 1 -eq 2 ]] && echo numbers
[[ 2024-05-06 =~ ^([0-9]+)-([0-9]+)-([0-9]+)$ ]] && echo "${BASH_REMATCH[1]} ${BASH_REMATCH[3]} ${#BASH_REMATCH[@]}"
[[ ab =~ ^(x|a)(b?)(c)?$ ]]; echo "$? [${BASH_REMATCH[3]}]"
re='^[[:space:]]*#'; [[ '  # note' =~ $re ]] && echo comment; [[ a =~ [ ]] 2>/dev/null; echo $?
touch f; ln -s f l; [[ -f f && -L l && ! -e g && f -ef l ]] && echo files
[[ -z "" || x ]] && echo or; [[ (a == b || c == c) && -n x ]] && echo group; unset v
[[ -v v ]] || echo unset; v=; [[ -v v ]] && echo set; [[ -o pipefail ]] || echo "no pipefail"
[[ $v == '' ]]; echo $?
[[ a == b ]]; echo $?; [[ 1 -eq x ]]; echo $?; [[ "a b" == a\ b ]] && echo escaped
shopt -s nocasematch; [[ ABC == abc ]] && echo "any case"
