# SPDX-License-Identifier: MIT
# md5sum, sha*sum, crc32, cksum, base64, xxd, od, hexdump, uuencode
printf 'The quick brown fox' > f
for tool in md5sum sha1sum sha256sum sha384sum sha512sum sha3sum crc32; do $tool f; done
md5sum f > sums; md5sum -c sums; echo changed > f; md5sum -c sums; echo $?
printf 'The quick brown fox' > f
base64 f; base64 f | base64 -d | cmp - f && echo same; base64 -w 10 f; printf 'a' | base64
echo '!!' | base64 -d; echo $?
xxd f; xxd -p f; xxd -p f | xxd -r -p; echo; xxd -s 4 -l 5 f; xxd -g 1 -c 8 f
od f; od -c f; od -An -tx1 f; od -A x -t x1 f; od -j 4 -N 4 -tu1 f; od -tx4 f
head -c 64 /dev/zero | od -x; hexdump f; hexdump -C f; hexdump -v -e '/1 "%02x "' f; echo
uuencode name < f; uuencode name < f | uudecode -o - ; echo; seq 1000 | sha256sum; : | md5sum
