// SPDX-License-Identifier: MIT
// System calls on the caller's memory: brk, mmap, munmap, mprotect, mremap, madvise, msync and what locks pages (which is
// always true here: nothing is ever paged out).

import { EACCES, EBADF, EFAULT, EINVAL, ENOMEM, EOVERFLOW, EPERM } from "../abi/errno.ts";
import {
  MADV_DODUMP,
  MADV_DOFORK,
  MADV_DONTDUMP,
  MADV_DONTFORK,
  MADV_DONTNEED,
  MADV_FREE,
  MADV_HUGEPAGE,
  MADV_MERGEABLE,
  MADV_NOHUGEPAGE,
  MADV_NORMAL,
  MADV_RANDOM,
  MADV_SEQUENTIAL,
  MADV_UNMERGEABLE,
  MADV_WILLNEED,
  MAP_ANONYMOUS,
  MAP_FIXED,
  MAP_FIXED_NOREPLACE,
  MAP_GROWSDOWN,
  MAP_PRIVATE,
  MAP_SHARED,
  MAP_SHARED_VALIDATE,
  MREMAP_FIXED,
  MREMAP_MAYMOVE,
  PROT_EXEC,
  PROT_READ,
  PROT_WRITE,
  MS_ASYNC,
  MS_INVALIDATE,
  MS_SYNC,
} from "../abi/mman.ts";
import { CAP_SYS_RAWIO } from "../abi/prctl.ts";
import { RLIMIT_AS, RLIMIT_DATA } from "../abi/resource.ts";
import { File } from "../file/file.ts";
import { isOnNoexecMount } from "../fs/file-access.ts";
import { Outcome } from "../lib/outcome.ts";
import { PAGE_OFFSET_MASK } from "../memory/frames.ts";
import { admit } from "../memory/heap.ts";
import {
  discardPages,
  LOWEST_ADDRESS,
  mapPages,
  PLACE_FIXED,
  PLACE_FIXED_NOREPLACE,
  PLACE_HINT,
  protectPages,
  remapPages,
  setBreak,
  unmapPages,
} from "../memory/mappings.ts";
import { PageSource } from "../memory/page-source.ts";
import { USER_END } from "../memory/page-table.ts";
import { SharedMemory } from "../memory/shared-memory.ts";
import { writeUser } from "../memory/user.ts";
import { Task } from "../process/task.ts";

const MAP_TYPE = 0x0f;
const PROTECTIONS = PROT_READ | PROT_WRITE | PROT_EXEC;

/** brk(2): the new break, or the old one when it cannot move. */
export function sysBrk(self: Task): Outcome {
  const space = self.space;
  const address = self.arg(0);
  if (address > space.break) {
    const growth = address - space.break;
    if (address - space.breakStart > self.process.limit(RLIMIT_DATA) || !fitsLimit(self, growth)) return space.break;
  }
  return <i64>setBreak(space, address);
}

/** mmap(2): anonymous, or a file's pages. */
export function sysMmap(self: Task): Outcome {
  const length = pageUp(self.arg(1));
  const protection = self.argInt(2);
  const flags = self.argInt(3);
  const offset = self.arg(5);
  if ((offset & PAGE_OFFSET_MASK) != 0) return -EINVAL;
  const isAnonymous = (flags & MAP_ANONYMOUS) != 0;
  let file: File | null = null;
  if (!isAnonymous) file = self.files.get(self.argInt(4));
  if (!isAnonymous && (file == null || file.isPathOnly)) return -EBADF;
  if (length == 0) return self.arg(1) == 0 ? -EINVAL : -ENOMEM;
  if (length > USER_END) return -ENOMEM;
  const placement = placementOf(flags);
  const address = placement == PLACE_HINT ? self.arg(0) & ~PAGE_OFFSET_MASK : self.arg(0);
  if ((address & PAGE_OFFSET_MASK) != 0) return -EINVAL;
  if (placement != PLACE_HINT && (address > USER_END - length || length > USER_END)) return -ENOMEM;
  if (placement != PLACE_HINT && address < LOWEST_ADDRESS && !self.credentials.has(CAP_SYS_RAWIO)) return -EPERM;
  if (file != null && offset + length < offset) return -EOVERFLOW;
  if (!fitsLimit(self, length)) return -ENOMEM;
  const type = flags & MAP_TYPE;
  if (type != MAP_SHARED && type != MAP_PRIVATE && type != MAP_SHARED_VALIDATE) return -EINVAL;
  const isShared = type != MAP_PRIVATE;
  if (file != null) {
    const outcome = checkFile(file, protection, isShared);
    if (outcome < 0) return outcome;
  }
  if (file != null && file.mapsZeros) file = null;
  const isMemory = file == null;
  let kept = (isShared ? MAP_SHARED : MAP_PRIVATE) | (isMemory ? MAP_ANONYMOUS : 0);
  if (isAnonymous && !isShared) kept |= flags & MAP_GROWSDOWN;
  if (!admit()) return -ENOMEM;
  let source: PageSource | null = file;
  if (isMemory && isShared) source = new SharedMemory(length);
  const outcome = mapPages(self.space, address, length, placement, protection & PROTECTIONS, kept, source, isMemory ? 0 : offset);
  if (isMemory && source != null) source.release(); // the area has its own reference
  return outcome;
}

/** The rights that a mapping needs from its open file (mmap(2), EACCES and EPERM), and whether it has pages at all. */
function checkFile(file: File, protection: i32, isShared: bool): Outcome {
  if (isShared && (protection & PROT_WRITE) != 0 && !file.isWritable) return -EACCES;
  if (!file.isReadable) return -EACCES;
  if (isShared && (protection & PROT_WRITE) != 0 && !file.allowsSharedWrites) return -EPERM;
  if ((protection & PROT_EXEC) != 0 && isOnNoexecMount(file)) return -EPERM;
  return file.canMap();
}

function placementOf(flags: i32): i32 {
  if ((flags & MAP_FIXED_NOREPLACE) != 0) return PLACE_FIXED_NOREPLACE;
  return (flags & MAP_FIXED) != 0 ? PLACE_FIXED : PLACE_HINT;
}

/** munmap(2). */
export function sysMunmap(self: Task): Outcome {
  const start = self.arg(0);
  const length = pageUp(self.arg(1));
  if ((start & PAGE_OFFSET_MASK) != 0 || length == 0 || start > USER_END || length > USER_END - start) return -EINVAL;
  return unmapPages(self.space, start, start + length);
}

/** mprotect(2). A shared file mapping cannot become writable when the file was not open for writing. */
export function sysMprotect(self: Task): Outcome {
  const start = self.arg(0);
  const length = pageUp(self.arg(1));
  const protection = self.argInt(2);
  if ((start & PAGE_OFFSET_MASK) != 0) return -EINVAL;
  if (length == 0) return self.arg(1) == 0 ? 0 : -ENOMEM;
  if ((protection & ~PROTECTIONS) != 0) return -EINVAL;
  if (start > USER_END || length > USER_END - start) return -ENOMEM;
  const end = start + length;
  let area = self.space.areaAt(start);
  if (area == null || area.start > start) return -ENOMEM;
  while (area != null && area.start < end) {
    const source = area.source;
    if (source instanceof File) {
      const file = source as File;
      if ((protection & PROT_WRITE) != 0 && area.isShared && !file.allowsSharedWrites) return -EACCES;
      if ((protection & PROT_EXEC) != 0 && isOnNoexecMount(file)) return -EACCES;
    }
    area = area.next;
  }
  return protectPages(self.space, start, end, protection);
}

/** mremap(2). */
export function sysMremap(self: Task): Outcome {
  const old = self.arg(0);
  const oldLength = pageUp(self.arg(1));
  const length = pageUp(self.arg(2));
  const flags = self.argInt(3);
  const target = self.arg(4);
  if ((flags & ~(MREMAP_MAYMOVE | MREMAP_FIXED)) != 0) return -EINVAL;
  const isFixed = (flags & MREMAP_FIXED) != 0;
  if (isFixed && (flags & MREMAP_MAYMOVE) == 0) return -EINVAL;
  if ((old & PAGE_OFFSET_MASK) != 0 || length == 0 || oldLength == 0 || length > USER_END) return -EINVAL;
  if (isFixed) {
    if ((target & PAGE_OFFSET_MASK) != 0 || target > USER_END - length || target == 0) return -EINVAL;
    if (target < old + oldLength && old < target + length) return -EINVAL;
  }
  if (length > oldLength && !fitsLimit(self, length - oldLength)) return -ENOMEM;
  return remapPages(self.space, old, oldLength, length, (flags & MREMAP_MAYMOVE) != 0, isFixed ? target : 0);
}

/** madvise(2): DONTNEED (and FREE, as eagerly) drop pages; the others are hints. */
export function sysMadvise(self: Task): Outcome {
  const start = self.arg(0);
  const length = pageUp(self.arg(1));
  if ((start & PAGE_OFFSET_MASK) != 0 || (length == 0 && self.arg(1) != 0) || start + length < start) return -EINVAL;
  switch (self.argInt(2)) {
    case MADV_DONTNEED:
    case MADV_FREE:
      if (length == 0) return 0;
      if (start > USER_END || length > USER_END - start) return -ENOMEM;
      return discardPages(self.space, start, start + length);
    case MADV_NORMAL:
    case MADV_RANDOM:
    case MADV_SEQUENTIAL:
    case MADV_WILLNEED:
    case MADV_DONTFORK:
    case MADV_DOFORK:
    case MADV_MERGEABLE:
    case MADV_UNMERGEABLE:
    case MADV_HUGEPAGE:
    case MADV_NOHUGEPAGE:
    case MADV_DONTDUMP:
    case MADV_DODUMP:
      return 0;
    default:
      return -EINVAL;
  }
}

/** msync(2): memory and files are one; only the arguments can be wrong. */
export function sysMsync(self: Task): Outcome {
  const start = self.arg(0);
  const length = pageUp(self.arg(1));
  const flags = self.argInt(2);
  if ((flags & ~(MS_ASYNC | MS_INVALIDATE | MS_SYNC)) != 0 || (start & PAGE_OFFSET_MASK) != 0) return -EINVAL;
  if ((flags & MS_ASYNC) != 0 && (flags & MS_SYNC) != 0) return -EINVAL;
  return isMapped(self, start, length) ? 0 : -ENOMEM;
}

/** mlock(2), munlock(2): all memory is resident. */
export function sysMlock(self: Task): Outcome {
  return isMapped(self, self.arg(0) & ~PAGE_OFFSET_MASK, pageUp(self.arg(1) + (self.arg(0) & PAGE_OFFSET_MASK))) ? 0 : -ENOMEM;
}

/** mlockall(2), munlockall(2). */
export function sysMlockall(self: Task): Outcome {
  return 0;
}

/** mincore(2) answers that everything mapped is resident. */
export function sysMincore(self: Task): Outcome {
  const start = self.arg(0);
  const length = pageUp(self.arg(1));
  if ((start & PAGE_OFFSET_MASK) != 0) return -EINVAL;
  if (!isMapped(self, start, length)) return -ENOMEM;
  for (let page: u64 = 0; page < length >> 12; page++) {
    if (!writeUser<u8>(self.space, self.arg(2) + page, 1)) return -EFAULT;
  }
  return 0;
}

function isMapped(self: Task, start: u64, length: u64): bool {
  const end = start + length;
  if (end < start || end > USER_END) return false;
  let at = start;
  let area = self.space.areaAt(start);
  while (area != null && at < end && area.start <= at) {
    at = area.end;
    area = area.next;
  }
  return at >= end;
}

/** RLIMIT_AS: whether the address space may grow by `length` bytes. */
function fitsLimit(self: Task, length: u64): bool {
  const limit = self.process.limit(RLIMIT_AS);
  return limit == u64.MAX_VALUE || (self.space.totalPages << 12) + length <= limit;
}

function pageUp(length: u64): u64 {
  return (length + PAGE_OFFSET_MASK) & ~PAGE_OFFSET_MASK;
}
