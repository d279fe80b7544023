# SPDX-License-Identifier: MIT
# printf of bash, %q, %(...)T, -v, $'...', quoting that reads back
printf '%q ' 'a b' "it's" '' $'tab\t' 'x$y' '~' 'é'; echo; printf '%s=%d\n' a 1 b 2
printf '%5.1f|%-8s|%+d|%#x|%e\n' 3.14159 left 5 255 1234.5
printf '%b|%s\n' 'a\tb\c ignored' 2>/dev/null; echo; TZ=UTC0 printf '%(%F %T)T\n' 86399
printf '%s\n' "${BASH_VERSINFO[0]}" > /dev/null
eval "x=$(printf %q 'round $trip "quoted" `now`')"; echo "$x"
echo $'single \'quote\'' "double \"quote\"" 'a'\''b'; printf '%d\n' "'a" 0xff 077 2>&1
printf '%d\n' 12x; echo $?; printf '%.*f\n' 2 2.71828; printf '[%*s]\n' -6 ab; declare -p IFS
printf '%x\n' -1; printf '%c%c\n' abc de; printf "%s %s %s\n" only two; printf -- '--%%\n'
