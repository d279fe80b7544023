# SPDX-License-Identifier: MIT
# gzip, bzip2, xz, lzma, zip formats: round trips, levels, streams, damage, names
seq 1 5000 > data; md5sum < data
for tool in gzip bzip2; do
  $tool -k data 2>/dev/null || { cp data keep; $tool data; mv keep data; }
done
ls data*; zcat data.gz | md5sum; bzcat data.bz2 | md5sum; gunzip -t data.gz && echo "good"
gzip -c data | gunzip -c | cmp - data && echo "gzip round trip"
bzip2 -c data | bunzip2 -c | cmp - data && echo "bzip2 round trip"
for level in 1 9; do gzip -$level -c data | gunzip | md5sum; done
head -c 300 /dev/zero | gzip -n | gunzip | wc -c; : | gzip | gunzip | wc -c
gunzip < data | head -c 3; echo "not compressed: $?"
head -c 2000 data.gz > cut.gz; gunzip -c cut.gz > part; echo "cut off: $?"
gunzip data.gz; echo $?; rm data; gunzip data.gz; ls; cat data | gzip | zcat | tail -n 1
printf '\375\067zXZ' | unxz; echo $?
gzip missing; echo $?
cat data data | bzip2 | bunzip2 | md5sum
