# SPDX-License-Identifier: MIT
# pathname expansion: order, hidden files, classes, no match, quoting, noglob
mkdir -p dir/deep .hidden && touch a1 a2 b1 'with space' .dot dir/x.c dir/y.h dir/deep/z.c
echo *
echo a? [ab]1 [!a]1 a[0-9]
echo .*
echo */*.c dir/*/*.c */
echo nothing* 'a*' a\*
for file in w*; do echo "[$file]"; done
set -f; echo *; set +f
rm a*; echo a*
