# SPDX-License-Identifier: MIT
# coreutils on files: cp, mv, ln, install, stat, du, truncate, shred, realpath, mktemp, dd, chmod -v
mkdir -p a/b; echo data > a/x; ln -s x a/link; ln a/x a/hard; chmod 640 a/x
cp -a a c; stat -c '%A %h %U:%G %s %N' c/x c/link; [ c/x -ef c/hard ] && echo "still one file"
cp -r --parents a/b new 2>&1; cp --backup=numbered a/x c/x; ls c; cp -u a/x c/x; cp -l a/x twin; stat -c %h a/x
mv -v a/x a/moved; mv -n a/moved a/link; ls a; mv -t a twin; rm -v a/twin; rm -rv c | sort
install -D -m 600 a/moved deep/er/file; stat -c %a deep/er/file deep/er
ln -sr a/moved deep/link; readlink deep/link
realpath --relative-to=deep a; realpath -e missing; echo $?; truncate -s 1M big; stat -c %s big
du --apparent-size -k big
dd if=big bs=64K count=2 status=none | wc -c
dd if=/dev/zero of=big bs=1K count=1 seek=3 conv=notrunc,fsync status=none; stat -c %s big
mktemp -u XXXX | wc -c; chmod -v u+x,g-w a/moved; chmod -c u+x a/moved; touch -d @86400 old
TZ=UTC0 date -r old +%F
shred -u old; ls; sync big; tee one two < a/moved; cmp one two && echo tee; test one -nt a/link
echo $?; mkdir -p -m 711 m/n; stat -c '%a' m m/n
rmdir --ignore-fail-on-non-empty m; rmdir -p m/n; unlink one; link two three; pathchk -p 'a b'
echo $?; basename -a -s .c x/y.c z.c
