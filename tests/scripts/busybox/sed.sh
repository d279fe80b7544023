# SPDX-License-Identifier: MIT
# sed: substitution, addresses, hold space, branches, in place, files
cat > text <<'T'
alpha one
beta two
gamma three
delta four
T
sed 's/a/A/' text; sed 's/a/A/g;2d' text; sed -n '2,3p' text; sed -n '/beta/,/delta/p' text
sed '1!G;h;$!d' text
sed -E 's/(\w+) (\w+)/\2 \1/' text; sed 's/.*/[&]/' text; sed '$d' text; sed -n '$=' text; sed 's/A/x/I;1q' text
sed '2i\inserted' text; sed '/gamma/a appended' text; sed '3c\changed' text; sed 'y/abc/xyz/' text
sed ':a;N;$!ba;s/\n/,/g' text; sed -e '/two/{s//2/;s/beta/B/}' text; sed = text | sed 'N;s/\n/: /'
sed -i.bak 's/one/1/' text; cat text; diff text text.bak; echo $?
sed -n '/three/w found' text; cat found; sed '1r found' text
seq 10 | sed -n '0~3p'; seq 10 | sed '2~4d'; seq 5 | sed '2,4!d'; seq 10 | sed '5q'; seq 3 | sed 'n;d'
echo 'a.b.c' | sed 's/\./-/2'; echo path/to | sed 's|/|::|'; echo aaa | sed 's/a/b/3'
sed 's/x' text; echo $?; sed p missing; echo $?
