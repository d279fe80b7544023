# SPDX-License-Identifier: MIT
# GNU tar, gzip and xz: sorted archives, updates, deletion, transformation, multi-threaded xz
mkdir -p t/sub; echo one > t/a; echo two > t/sub/b; ln t/a t/hard; ln -s a t/link; chmod 640 t/a
touch -d '2020-02-02 UTC' t/a t/sub/b t/sub t
tar -cf x.tar --sort=name --numeric-owner t; tar -tf x.tar
TZ=UTC0 tar -tvf x.tar --full-time t/sub/b | awk '{ print $1, $2, $3, $4, $5, $6 }'
for z in z J; do tar -c${z}f x.t$z --sort=name t; tar -tf x.t$z | wc -l; done; mkdir out
tar -xpf x.tar -C out; diff -r t out/t && echo same; stat -c '%a %h' out/t/a
tar --delete -f x.tar t/sub/b; tar -tf x.tar | wc -l; tar -rf x.tar t/sub/b
tar -tf x.tar | tail -n 1; tar -cf - t | tar -xf - -C out --transform 's/^t/renamed/'; ls out
tar -df x.tar && echo "no difference"
tar -xOf x.tar t/a; tar -cf y.tar --exclude='*b' t; tar -tf y.tar | wc -l; echo changed > t/a
tar -df x.tar; echo $?; tar -uf x.tar t/a; tar -tf x.tar | grep -c t/a
tar -xf missing.tar 2>/dev/null; echo $?; tar --owner=7 --group=8 -cf z.tar t/a
tar -tvf z.tar | awk '{ print $2 }'
seq 2000 > f; xz -T2 -k f; xz -dc f.xz | cmp - f && echo xz
xz -l --robot f.xz | tail -n 1 | cut -f 5; gzip -k f; gzip -l f.gz | awk 'NR == 2 { print $2 }'
zcat f.gz | md5sum; md5sum < f; gzip -t f.xz; echo $?; xzgrep -c 99 f.xz; zgrep -c 99 f.gz
gunzip -kf f.gz; cat f.gz f.gz | gunzip | wc -l; xz --format=lzma -c f | xz -dc --format=lzma | wc -l
