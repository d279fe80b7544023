// SPDX-License-Identifier: MIT
// Mapping an ELF image into a new address space, segment by segment, as Linux's binfmt_elf does it. All of this happens past
// exec's point of no return: a failure here kills the program.

import { PF_R, PF_W, PF_X, PT_LOAD } from "../abi/elf.ts";
import { EEXIST, EINVAL, ENOMEM, EPERM } from "../abi/errno.ts";
import { MAP_ANONYMOUS, MAP_PRIVATE, PROT_EXEC, PROT_READ, PROT_WRITE } from "../abi/mman.ts";
import { File } from "../file/file.ts";
import { isOnNoexecMount } from "../fs/file-access.ts";
import { Outcome } from "../lib/outcome.ts";
import { AddressSpace } from "../memory/address-space.ts";
import { PAGE_OFFSET_MASK, PAGE_SIZE } from "../memory/frames.ts";
import { mapPages, PLACE_FIXED, PLACE_HINT, unmapPages } from "../memory/mappings.ts";
import { USER_END } from "../memory/page-table.ts";
import { clearUser } from "../memory/user.ts";
import { ElfHeaders } from "./elf.ts";

const LARGEST_ALIGNMENT: u64 = 1 << 30;

/** What the last loadImage found out about its image. */
export let imageBias: u64 = 0;
export let imageEnd: u64 = 0; // where bss ends: the heap starts on the next page
export let imageStart: u64 = 0;
export let codeStart: u64 = 0;
export let codeEnd: u64 = 0;

/**
 * Maps all PT_LOAD segments. A position independent image goes to `base`, or wherever there is room when base is 0.
 * 0 or -errno.
 */
export function loadImage(space: AddressSpace, file: File, headers: ElfHeaders, base: u64): Outcome {
  imageBias = 0;
  imageStart = u64.MAX_VALUE;
  imageEnd = 0;
  codeStart = u64.MAX_VALUE;
  codeEnd = 0;
  const measured = measure(headers);
  if (measured < 0) return measured;
  const outcome = headers.isPositionIndependent ? place(space, base) : claim(space);
  if (outcome < 0) return outcome;
  for (let i = 0; i < headers.count; i++) {
    if (headers.typeOf(i) != PT_LOAD) continue;
    const loaded = loadSegment(space, file, headers, i);
    if (loaded < 0) return loaded;
  }
  return 0;
}

// What measure() found: the pages that the image spans, before the bias, and the alignment that its segments ask for.
let spanStart: u64 = 0;
let spanEnd: u64 = 0;
let spanAlignment: u64 = 0;

function measure(headers: ElfHeaders): Outcome {
  spanStart = u64.MAX_VALUE;
  spanEnd = 0;
  spanAlignment = PAGE_SIZE;
  for (let i = 0; i < headers.count; i++) {
    if (headers.typeOf(i) != PT_LOAD) continue;
    const start = headers.addressOf(i) & ~PAGE_OFFSET_MASK;
    const end = headers.addressOf(i) + headers.memorySizeOf(i);
    if (end < start || end > USER_END) return -EINVAL;
    spanStart = min(spanStart, start);
    spanEnd = max(spanEnd, pageUp(end));
    const wanted = headers.alignmentOf(i);
    if ((wanted & (wanted - 1)) == 0) spanAlignment = max(spanAlignment, wanted);
  }
  return 0;
}

/** An image with fixed addresses replaces nothing: the stack is there already (MAP_FIXED_NOREPLACE). */
function claim(space: AddressSpace): Outcome {
  imageBias = 0;
  const next = spanEnd > spanStart ? space.areaAt(spanStart) : null;
  return next != null && next.start < spanEnd ? -EEXIST : 0;
}

/** Chooses the bias so that the whole span of the image is free and aligned as its segments ask. */
function place(space: AddressSpace, base: u64): Outcome {
  imageBias = 0;
  if (spanEnd == 0) return 0;
  if (spanAlignment > LARGEST_ALIGNMENT || spanEnd == spanStart) return -EINVAL;
  let start = base;
  if (start == 0) {
    // Map room for the worst alignment, only to learn an address that is free.
    const room = spanEnd - spanStart + spanAlignment - PAGE_SIZE;
    const found = mapPages(space, 0, room, PLACE_HINT, 0, MAP_PRIVATE | MAP_ANONYMOUS, null, 0);
    if (found < 0) return found;
    start = <u64>found;
    unmapPages(space, start, start + room);
  }
  start = (start + spanAlignment - 1) & ~(spanAlignment - 1);
  imageBias = start - spanStart;
  return 0;
}

function loadSegment(space: AddressSpace, file: File, headers: ElfHeaders, index: i32): Outcome {
  const address = headers.addressOf(index) + imageBias;
  const fileSize = headers.fileSizeOf(index);
  const memorySize = headers.memorySizeOf(index);
  const offset = headers.offsetOf(index);
  const within = address & PAGE_OFFSET_MASK;
  if (address >= USER_END || memorySize > USER_END - address || fileSize > memorySize) return -ENOMEM;
  if ((offset & PAGE_OFFSET_MASK) != within && fileSize > 0) return -EINVAL;
  const protection = protectionOf(headers.flagsOf(index));
  if ((protection & PROT_EXEC) != 0 && isOnNoexecMount(file)) return -EPERM;
  const start = address - within;
  const fileEnd = pageUp(address + fileSize);
  const end = pageUp(address + memorySize);
  if (start < 0x1000) return -EPERM; // vm.mmap_min_addr for an unprivileged mapping
  if (fileSize > 0) {
    const outcome = mapPages(space, start, fileEnd - start, PLACE_FIXED, protection, MAP_PRIVATE, file, offset - within);
    if (outcome < 0) return outcome;
    // To the end of the page, not of the segment: the dynamic linker allocates from what follows its bss.
    const hasBss = memorySize > fileSize && (protection & PROT_WRITE) != 0;
    if (hasBss && !clearUser(space, address + fileSize, fileEnd - (address + fileSize))) return -ENOMEM;
  }
  const bssStart = fileSize > 0 ? fileEnd : start;
  if (end > bssStart) {
    const flags = MAP_PRIVATE | MAP_ANONYMOUS;
    const outcome = mapPages(space, bssStart, end - bssStart, PLACE_FIXED, protection, flags, null, 0);
    if (outcome < 0) return outcome;
  }
  note(address, fileSize, memorySize, protection);
  return 0;
}

function note(address: u64, fileSize: u64, memorySize: u64, protection: i32): void {
  imageStart = min(imageStart, address);
  imageEnd = max(imageEnd, address + memorySize);
  if ((protection & PROT_EXEC) == 0) return;
  codeStart = min(codeStart, address);
  codeEnd = max(codeEnd, address + fileSize);
}

function protectionOf(flags: u32): i32 {
  let protection = 0;
  if ((flags & PF_R) != 0) protection |= PROT_READ;
  if ((flags & PF_W) != 0) protection |= PROT_WRITE;
  if ((flags & PF_X) != 0) protection |= PROT_EXEC;
  return protection;
}

function pageUp(address: u64): u64 {
  return (address + PAGE_OFFSET_MASK) & ~PAGE_OFFSET_MASK;
}
