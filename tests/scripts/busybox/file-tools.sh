# SPDX-License-Identifier: MIT
# cp, mv, rm, mkdir -p, rmdir, ln, touch, mktemp, readlink, realpath, basename, dirname
mkdir -p src/sub && echo data > src/f && echo more > src/sub/g && ln -s ../f src/sub/link && ln src/f src/hard
cp -a src copy && find copy | sort && readlink copy/sub/link && stat -c '%h %n' copy/f copy/hard
cp src/f src/sub/g . && cat f g; cp src dst 2>/dev/null; echo "directory without -r: $?"
mv f renamed && mv renamed g src/ && ls src; mv src moved && ls
mv -n moved/g moved/renamed && cat moved/renamed
rm moved/g; rm missing; echo $?; rm -f missing; echo $?; rm moved 2>&1; rm -r moved copy; ls
rmdir . 2>/dev/null; echo $?; mkdir d; mkdir d; echo $?; mkdir d/e; rmdir d; echo $?; rmdir -p d/e; ls
ln -s target link; readlink link; ln -sf other link; readlink link; readlink -f link; realpath .
t=$(mktemp -d dir.XXXXXX); [ -d "$t" ] && stat -c %a "$t"; f=$(mktemp "$t/f.XXXXXX"); stat -c '%a %s' "$f"
basename /a/b/c.txt .txt; dirname /a/b/c.txt; basename /; dirname c
ls -ld link installed private src 2>/dev/null | cut -c1-10
touch -d '2001-02-03 04:05:06' old; stat -c '%y' old; touch -r old same; stat -c %Y same
TZ=UTC0 date -r old -u +%F
cp -p old preserved; [ preserved -nt old ] || echo "time kept"
truncate -s 1000000 sparse; stat -c %s sparse; wc -c < sparse; truncate -s 3 sparse; od -An -tx1 sparse
unlink sparse; link old linked; stat -c %h linked
