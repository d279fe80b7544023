// SPDX-License-Identifier: MIT
// Pages of an actor's memory for tests: mapping them, and asking whether an address can be read or written (with write(2) from it
// and read(2) into it).
import { O_CREAT, O_RDWR } from "../../kernel/abi/fcntl.ts";
import { MAP_ANONYMOUS, MAP_FIXED, MAP_PRIVATE, PROT_READ, PROT_WRITE } from "../../kernel/abi/mman.ts";
import * as calls from "../../kernel/abi/syscalls.ts";
import type { TestActor } from "./actor.ts";

export const PAGE = 4096;
export const RW = PROT_READ | PROT_WRITE;
export const ANONYMOUS = MAP_PRIVATE | MAP_ANONYMOUS;
export const AT = 0x40000000; // free in an actor

export function map(actor: TestActor, address: number, pages: number, protection = RW, flags = ANONYMOUS | MAP_FIXED, fd = -1, offset = 0): number {
  return actor.call(calls.SYS_MMAP, address, pages * PAGE, protection, flags, fd, offset);
}

/** "rw", "r-", "-w" or "--" for the byte at an address. */
export function access(actor: TestActor, address: number): string {
  const [reader, writer] = actor.pipe();
  const canRead = actor.call(calls.SYS_WRITE, writer, address, 1) === 1;
  if (canRead) actor.read(reader, 1);
  actor.write(writer, "x");
  const before = canRead ? actor.peek(address, 1) : undefined;
  const canWrite = actor.call(calls.SYS_READ, reader, address, 1) === 1;
  if (canWrite && before) actor.poke(address, before);
  actor.close(reader);
  actor.close(writer);
  return `${canRead ? "r" : "-"}${canWrite ? "w" : "-"}`;
}

export function text(actor: TestActor, address: number, length: number): string {
  return Buffer.from(actor.peek(address, length)).toString("latin1");
}

export function fileWith(actor: TestActor, contents: string, flags = O_RDWR): number {
  const fd = actor.open("/file", O_CREAT | O_RDWR, 0o644);
  actor.write(fd, contents);
  actor.close(fd);
  return actor.open("/file", flags);
}
