# SPDX-License-Identifier: MIT
# xargs: words, lines, nulls, batches, replacement, exit status, parallel
echo a b c | xargs echo; seq 6 | xargs -n 2 echo; printf 'a b\0c\0' | xargs -0 -n 1 echo
printf 'one\ntwo\n' | xargs -I X echo "[X]"
: | xargs echo empty; : | xargs -r echo never; echo "'a b' c\\ d" | xargs -n 1 echo
echo 'a _ b' | xargs -E _ echo
echo x | xargs false; echo $?; echo x | xargs sh -c 'exit 255' 2>&1; echo $?
seq 3 | xargs -t echo 2>&1 | sort | head -n 2
seq 5000 | xargs echo | wc -w; seq 100 | xargs -n 10 sh -c 'echo $#' count
seq 4 | xargs -P 4 -n 1 sh -c 'echo p$1' _ | sort
touch 'a file' other; ls | tr '\n' '\0' | xargs -0 ls -1; seq 3 | xargs -s 20 echo
