# SPDX-License-Identifier: MIT
# dd: blocks, skip, seek, conv; /dev/null, zero, full, random
seq 1000 > f
dd if=f bs=10 count=3 2>/dev/null; echo; dd if=f bs=1 skip=5 count=4 2>/dev/null; echo
dd if=f of=copy bs=512; echo $?; cmp f copy && echo same
printf 'XX' | dd of=copy bs=1 seek=4 conv=notrunc 2>/dev/null; head -c 10 copy; echo
printf 'new' | dd of=copy 2>/dev/null; cat copy; echo
dd if=/dev/zero bs=1k count=64 2>/dev/null | wc -c
dd if=/dev/zero of=hole bs=1 count=1 seek=99999 2>/dev/null; stat -c %s hole
seq 5 | dd bs=3 count=2 iflag=fullblock 2>&1 | head -n 2; echo
echo abc | dd conv=ucase 2>/dev/null || echo "no ucase"
printf 'abcd' | dd conv=swab 2>/dev/null; echo
dd if=missing; echo $?; echo x > /dev/full; echo $?; dd if=/dev/zero of=/dev/full bs=10 count=1 2>&1 | tail -n 1
head -c 16 /dev/urandom | wc -c
[ "$(head -c 16 /dev/urandom | xxd -p)" != "$(head -c 16 /dev/urandom | xxd -p)" ] && echo "random"
cat /dev/null | wc -c; head -c 5 /dev/zero | od -An -tx1
echo discarded > /dev/null; cat < /dev/null
ls -l /dev/null /dev/zero /dev/full | awk '{ print $1, $5, $6, $NF }'
