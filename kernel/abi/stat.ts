// SPDX-License-Identifier: MIT
// Shared by kernel and host: compiled by asc and by tsc. inode(7), statx(2), statfs(2), getdents64(2).

// st_mode
export const S_IRWXO = 0o7;
export const S_IRWXG = 0o70;
export const S_IXGRP = 0o10;
export const S_IRWXU = 0o700;
export const S_ISVTX = 0o1000;
export const S_ISGID = 0o2000;
export const S_ISUID = 0o4000;
export const S_IFIFO = 0o10000;
export const S_IFCHR = 0o20000;
export const S_IFDIR = 0o40000;
export const S_IFBLK = 0o60000;
export const S_IFREG = 0o100000;
export const S_IFLNK = 0o120000;
export const S_IFSOCK = 0o140000;
export const S_IFMT = 0o170000;

// d_type
export const DT_UNKNOWN = 0;
export const DT_FIFO = 1;
export const DT_CHR = 2;
export const DT_DIR = 4;
export const DT_BLK = 6;
export const DT_REG = 8;
export const DT_LNK = 10;
export const DT_SOCK = 12;
export const DT_WHT = 14;

// statx
export const STATX_TYPE = 0x1;
export const STATX_MODE = 0x2;
export const STATX_ATTR_COMPRESSED = 0x4;
export const STATX_NLINK = 0x4;
export const STATX_UID = 0x8;
export const STATX_ATTR_IMMUTABLE = 0x10;
export const STATX_GID = 0x10;
export const STATX_ATIME = 0x20;
export const STATX_ATTR_APPEND = 0x20;
export const STATX_ATTR_NODUMP = 0x40;
export const STATX_MTIME = 0x40;
export const STATX_CTIME = 0x80;
export const STATX_INO = 0x100;
export const STATX_SIZE = 0x200;
export const STATX_BLOCKS = 0x400;
export const STATX_BASIC_STATS = 0x7ff;
export const STATX_ATTR_ENCRYPTED = 0x800;
export const STATX_BTIME = 0x800;
export const STATX_ALL = 0xfff;
export const STATX_ATTR_AUTOMOUNT = 0x1000;
export const STATX_MNT_ID = 0x1000;
export const STATX_ATTR_MOUNT_ROOT = 0x2000;
export const STATX_DIOALIGN = 0x2000;
export const STATX_ATTR_VERITY = 0x100000;
export const STATX_ATTR_DAX = 0x200000;
export const STATX__RESERVED = 0x80000000;

// statfs f_type
export const DEVPTS_SUPER_MAGIC = 0x1cd1;
export const PROC_SUPER_MAGIC = 0x9fa0;
export const TMPFS_MAGIC = 0x1021994;
export const ANON_INODE_FS_MAGIC = 0x9041934;
export const PIPEFS_MAGIC = 0x50495045;
export const SOCKFS_MAGIC = 0x534f434b;
export const RAMFS_MAGIC = 0x858458f6;

// mount flags
export const MS_RDONLY = 0x1;
export const MS_NOSUID = 0x2;
export const MS_NODEV = 0x4;
export const MS_NOEXEC = 0x8;
export const MS_REMOUNT = 0x20;
export const MS_NOATIME = 0x400;
export const MS_BIND = 0x1000;

// utimensat tv_nsec
export const UTIME_OMIT = 0x3ffffffe;
export const UTIME_NOW = 0x3fffffff;
