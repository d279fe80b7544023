# SPDX-License-Identifier: MIT
# printf: conversions, widths, escapes, reuse of the format, errors; echo
printf '%d %i %u %o %x %X %c %s %%\n' 42 -7 42 8 255 255 word text
printf '[%5s][%-5s][%05d][%+d][%.2f][%8.3e][%g]\n' a b 42 7 3.14159 12345.678 0.0001
printf '%s-%s\n' a b c; printf 'no newline'; printf '\n\ttab\\ \101 \x41 \e[0m\n' | od -An -c
printf '%b\n' 'a\tb\061'; printf '%d\n' 0x1f 010 "'A"; printf '%d\n' abc; echo $?
printf '%*d|%-*d|\n' 5 1 5 2; printf '%.3s|\n' abcdef; printf '%q\n' 'a b' 2>/dev/null; echo $?
printf; echo $?
echo -n a; echo b; echo -e 'x\ty\c'; echo; echo -E 'x\ty'; echo -- --; echo; echo 'back\\slash'
