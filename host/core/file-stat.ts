// SPDX-License-Identifier: MIT
// struct stat of the generic ABI, 128 bytes, little endian:
//
//   0 dev u64   8 ino u64   16 mode u32   20 nlink u32   24 uid u32   28 gid u32   32 rdev u64   48 size s64
//   56 blksize s32   64 blocks s64   72 atime   88 mtime   104 ctime   (each: s64 seconds, u64 nanoseconds)

export interface FileStat {
  readonly dev: bigint;
  readonly ino: bigint;
  /** File type and permissions, inode(7). */
  readonly mode: number;
  readonly nlink: number;
  readonly uid: number;
  readonly gid: number;
  readonly rdev: bigint;
  readonly size: number;
  readonly blockSize: number;
  /** In units of 512 bytes. */
  readonly blocks: number;
  readonly atimeNs: bigint;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
}

export const STAT_SIZE = 128;

export function decodeStat(bytes: Uint8Array): FileStat {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const timeAt = (offset: number) => view.getBigInt64(offset, true) * 1_000_000_000n + view.getBigUint64(offset + 8, true);
  return {
    dev: view.getBigUint64(0, true),
    ino: view.getBigUint64(8, true),
    mode: view.getUint32(16, true),
    nlink: view.getUint32(20, true),
    uid: view.getUint32(24, true),
    gid: view.getUint32(28, true),
    rdev: view.getBigUint64(32, true),
    size: Number(view.getBigInt64(48, true)),
    blockSize: view.getInt32(56, true),
    blocks: Number(view.getBigInt64(64, true)),
    atimeNs: timeAt(72),
    mtimeNs: timeAt(88),
    ctimeNs: timeAt(104),
  };
}
