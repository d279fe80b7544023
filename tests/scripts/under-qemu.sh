#!/bin/sh
# SPDX-License-Identifier: MIT
# under-qemu.sh ROOT QEMU COMMAND [ARG...]: runs riscv64 programs of the tree ROOT on this computer's Linux, COMMAND first, with /tmp
# empty. Everything that they exec goes through QEMU's user mode as well: to be called in user, mount and pid namespaces of its own
# (unshare -Urmpf --kill-child), where binfmt_misc can be set up by anybody (Linux 6.7) and is gone with the namespace.
set -e
root=$1 qemu=$2
shift 2
mount -t binfmt_misc binfmt_misc /proc/sys/fs/binfmt_misc
# 64-bit little-endian ELF, executable or shared object, EM_RISCV; P: argv[0] is passed on, F: QEMU is opened now, not in ROOT
magic='\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xf3\x00'
mask='\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff'
echo ":riscv64:M::$magic:$mask:$qemu:PF" > /proc/sys/fs/binfmt_misc/register
mount --rbind /dev "$root/dev"
mount -t proc proc "$root/proc"
mount -t tmpfs -o mode=755 tmpfs "$root/tmp"

umask 022
ulimit -c 0
set +e
exec 3>&2 2>/dev/null # where this shell says which signal ended COMMAND
(exec env -i PATH=/bin HOME=/tmp LC_ALL=C unshare --root="$root" --wd=/tmp "$@" 2>&3 3>&-)
exit $?
