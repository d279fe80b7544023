# SPDX-License-Identifier: MIT
# editors without a terminal: ed, and vi with commands from -c
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
# what vi draws goes to its standard output
edit() { vi "$@" f > screen < /dev/null; echo "vi said $?"; cat f; }
edit -c ':1d' -c ':wq'
edit -c ':%s/e/E/g' -c ':wq'
printf 'from a file\n' > g
edit -c ':1r g' -c ':x'
edit -c ':2,$d' -c ':q!'
edit -c ':w copy' -c ':q'; cmp f copy && echo written
edit -c ':s/no such thing/x/' -c ':q'
