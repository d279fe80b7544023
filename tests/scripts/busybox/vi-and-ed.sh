# SPDX-License-Identifier: MIT
# editors without a terminal: ed, and vi with commands from -c and standard input
printf 'one\ntwo\nthree\n' > f
ed f <<'D'
1,$p
2s/two/2/
$a
four
.
/one/d
=
w
q
D
cat f; ed missing <<'D'
a
new file
.
w
q
D
cat missing; printf '1p\nq\n' | ed -s f 2>/dev/null || printf '1p\nq\n' | ed f
printf ':%%s/e/E/g\n:wq\n' | vi f > screen 2>&1; cat f; vi -c ':1d' -c ':wq' f > screen 2>&1 < /dev/null; cat f
printf 'Gonew line\033ggdd:x\n' | vi f > screen; cat f; printf 'yyp:w\n:q\n' | vi f > screen; cat f
