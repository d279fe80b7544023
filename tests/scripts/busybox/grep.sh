# SPDX-License-Identifier: MIT
# grep: options, expressions, context, exit status, recursion
mkdir -p d/e; cat > f <<'T'
The quick brown fox
jumps over the lazy dog
THE END
a.b a+b (c) [d]
T
echo 'needle here' > d/e/deep; echo nothing > d/x
grep the f; grep -i the f; grep -c the f; grep -n o f; grep -v o f; grep -w THE f
grep -x 'THE END' f; grep -o 'o[a-z]' f
grep -F 'a.b' f; grep -F 'a+b' f; grep -E 'fox|dog' f; grep -E '^(The|THE)' f; grep 'q.*k' f
grep '[[:upper:]]\{3\}' f; grep -E 'z{1,2}' f
grep -A1 quick f; grep -B1 END f; grep -C1 lazy f; grep -l needle -r d; grep -L needle -r d
grep -rn needle .; grep -h o f d/x; grep -s x missing; echo $?
grep nothere f; echo $?; grep -q fox f; echo $?; grep -e fox -e dog f | wc -l
printf 'fox\nEND\n' > p; grep -f p f; grep -m1 o f; grep x missing; echo $?
grep '\(o\).*\1' f; grep -E '(.)\1' f; egrep -c . f; fgrep '(c)' f; printf 'b\0in\n' | grep -c b
echo abc | grep -o . | tr '\n' -; echo; grep '' /dev/null; echo $?
