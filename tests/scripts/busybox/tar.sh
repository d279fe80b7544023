# SPDX-License-Identifier: MIT
# tar: create, list, extract, compression, links, modes, from a pipe
mkdir -p tree/sub; echo one > tree/a; echo two > tree/sub/b; ln -s a tree/link
ln tree/a tree/hard; chmod 640 tree/a; mkfifo tree/fifo
touch -d '2020-02-02 02:02:02' tree/a tree/sub/b; long=tree/$(seq -s- 1 45); echo long > "$long"
tar cf t.tar tree/a tree/hard tree/link tree/sub tree/fifo "$long"; tar tf t.tar; mkdir out
tar xf t.tar -C out; find out | sort; cat out/tree/sub/b; readlink out/tree/link
stat -c '%a %h %Y' out/tree/a; [ out/tree/a -ef out/tree/hard ] && echo "linked"; stat -c %F out/tree/fifo
for z in z j J; do tar c${z}f t.$z tree && tar tf t.$z | wc -l; done
tar xOf t.tar tree/a; tar cf - tree/a | tar tvf - | awk '{ print $1, $3, $NF }'
tar tf t.tar 'tree/sub/b'; echo tree/a > names; tar cf x.tar -T names -C tree sub; tar tf x.tar
rm -r out; mkdir out; tar xzf t.z -C out --strip-components 1; ls out | wc -l
tar xf missing.tar; echo $?; echo junk > junk.tar; tar tf junk.tar; echo $?
rm -r out/*; (cd tree && tar cf - .) | (cd out && tar xf -); cmp tree/a out/a && echo same
