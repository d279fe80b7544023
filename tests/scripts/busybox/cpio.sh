# SPDX-License-Identifier: MIT
# cpio: create, list and extract newc archives
mkdir -p tree/sub; echo one > tree/a; echo two > tree/sub/b; ln -s a tree/link; chmod 600 tree/a
find tree | sort | cpio -o -H newc > t.cpio; cpio -t < t.cpio; mkdir out; cd out
cpio -id < ../t.cpio; find . | sort
cat tree/sub/b; readlink tree/link; stat -c '%a %s' tree/a; cd ..
cpio -i --quiet 'tree/a' < t.cpio 2>/dev/null; echo $?; echo garbage | cpio -t; echo $?
mkdir pass; (cd tree && find . | sort | cpio -o -H newc) | (cd pass && cpio -idm); ls -R pass
cpio -tv < t.cpio | awk '{ print $1, $NF }'; cmp tree/a pass/a && echo same
