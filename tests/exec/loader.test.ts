// SPDX-License-Identifier: MIT
// The ELF loader by behaviour: which images start and where they lie, what the initial stack and the auxiliary vector say, and how
// bad images fail: with an errno as long as the old program is there, with SIGSEGV afterwards, never with a panic.

import { describe, expect, it } from "vitest";
import { file, type ImageEntry } from "../../host/core/image.ts";
import * as auxv from "../../kernel/abi/auxv.ts";
import { ET_DYN, ET_REL, PF_R, PF_W, PF_X, PT_GNU_STACK, PT_INTERP, PT_LOAD, PT_PHDR } from "../../kernel/abi/elf.ts";
import { AT_FDCWD, O_RDONLY, O_WRONLY } from "../../kernel/abi/fcntl.ts";
import { SIGBUS, SIGILL, SIGKILL, SIGSEGV } from "../../kernel/abi/signal.ts";
import { SYS_EXECVE, SYS_KILL, SYS_OPENAT } from "../../kernel/abi/syscalls.ts";
import { GONE, resultText } from "../support/actor.ts";
import { boot } from "../support/boot.ts";
import { bornProgram, initialStack } from "../support/born.ts";
import {
  addi, auipc, CODE_ADDRESS, codeSegment, ECALL, elf, exitCode, exits, ld, li, sd, words, type Segment,
} from "../support/elf-builder.ts";
import { exited } from "../support/spawn-calls.ts";

/** Executes /program in a child: its wait status, or the errno as text. */
function execute(data: Uint8Array, ...more: ImageEntry[]): number | string {
  const test = boot({ entries: [file("/program", data, 0o755), ...more] });
  const actor = test.actor();
  const child = actor.fork();
  const result = child.call(SYS_EXECVE, "/program", child.strings(["program"]), child.strings([]));
  return result === GONE || result === 0 ? actor.wait(child.pid) : resultText(result);
}

const code = (instructions: readonly number[], address = CODE_ADDRESS): Segment => codeSegment(instructions, address);
const data = (address: number, fields: Partial<Segment> = {}): Segment => ({ flags: PF_R | PF_W, address, data: Buffer.alloc(16, 0x5a), ...fields });

/** Loads the doubleword at `address` and exits with its low byte. */
const exitWithByteAt = (address: number | bigint) => [...li(5, address), ld(10, 5, 0), addi(17, 0, 94), ECALL];
const storeAt = (address: number) => [...li(5, address), sd(0, 5, 0), ...exitCode(1)];
const interp = (path: string, fields: Partial<Segment> = {}): Segment => ({ type: PT_INTERP, data: Buffer.from(`${path}\0`), ...fields });
const loader = (instructions: readonly number[] = exitCode(33)) => elf({ type: ET_DYN, segments: [code(instructions, 0)] });

const images: [string, Uint8Array, number | string, ...ImageEntry[]][] = [
  ["ET_EXEC starts at its entry", exits(5), exited(5)],
  ["ET_DYN without an interpreter starts (static-pie)", elf({ type: ET_DYN, segments: [code(exitCode(6), 0)], entry: 0 }), exited(6)],
  ["ET_DYN with a first address other than 0 starts", elf({ type: ET_DYN, segments: [code(exitCode(6), 0x5000)], entry: 0x5000 }), exited(6)],
  ["the entry may be in the middle of the code", elf({ segments: [code([0, 0, ...exitCode(4)])], entry: CODE_ADDRESS + 8 }), exited(4)],
  ["data is mapped at its address", elf({ segments: [code(exitWithByteAt(0x80010)), data(0x80010)] }), exited(0x5a)],
  ["what follows the file's part of a segment is zero", elf({ segments: [code(exitWithByteAt(0x80010)), data(0x80000, { memorySize: 0x20 })] }), exited(0)],
  ["bss beyond the last page of the file is zero and mapped", elf({ segments: [code(exitWithByteAt(0x83000)), data(0x80000, { memorySize: 0x4000 })] }), exited(0)],
  ["a segment without any bytes in the file is zero memory", elf({ segments: [code(exitWithByteAt(0x80000)), { flags: PF_R | PF_W, address: 0x80000, memorySize: 8 }] }), exited(0)],
  ["a read-only segment cannot be written", elf({ segments: [code(storeAt(0x80000)), data(0x80000, { flags: PF_R })] }), SIGSEGV],
  ["code cannot be written", elf({ segments: [code(storeAt(CODE_ADDRESS))] }), SIGSEGV],
  ["data cannot be executed", elf({ segments: [code(exitCode(0)), data(0x80000, { data: words(exitCode(0)) })], entry: 0x80000 }), SIGSEGV],
  ["a writable segment is private: the file does not change", elf({ segments: [code(storeAt(0x80000)), data(0x80000)] }), exited(1)],
  ["a program header that is not for the loader is ignored", elf({ segments: [code(exitCode(3)), { type: 0x70000003, address: 0x999 }, { type: PT_PHDR }] }), exited(3)],
  ["an executable stack is granted to who asks for it", elf({ segments: [code(runOnStack()), { type: PT_GNU_STACK, flags: PF_R | PF_W | PF_X }] }), exited(9)],
  ["the stack is not executable otherwise", elf({ segments: [code(runOnStack()), { type: PT_GNU_STACK, flags: PF_R | PF_W }] }), SIGSEGV],
  ["an interpreter starts instead", elf({ segments: [code(exitCode(1)), interp("/ld")] }), exited(33), file("/ld", loader(), 0o755)],
  ["an ET_EXEC interpreter starts at its own address", elf({ segments: [code(exitCode(1)), interp("/ld")] }), exited(44), file("/ld", elf({ segments: [code(exitCode(44), 0x200000)] }), 0o755)],
  ["the first PT_INTERP counts", elf({ segments: [code(exitCode(1)), interp("/ld"), interp("/none")] }), exited(33), file("/ld", loader(), 0o755)],
  ["overlapping segments: the later one wins", elf({ segments: [code(exitWithByteAt(0x80000)), data(0x80000), data(0x80000, { data: Buffer.alloc(16, 0x77) })] }), exited(0x77)],

  // Not programs: the caller is told, and lives on.
  ["an empty file is ENOEXEC", Buffer.alloc(0), "-ENOEXEC"],
  ["text is ENOEXEC", Buffer.from("echo hello\n"), "-ENOEXEC"],
  ["a header cut short is ENOEXEC", elf({ length: 63 }), "-ENOEXEC"],
  ["the magic number alone is ENOEXEC", elf({ length: 4 }), "-ENOEXEC"],
  ["another machine is ENOEXEC", elf({ machine: 183 }), "-ENOEXEC"],
  ["class 32 is ENOEXEC", elf({ class: 1 }), "-ENOEXEC"],
  ["an object file is ENOEXEC", elf({ type: ET_REL }), "-ENOEXEC"],
  ["e_phentsize 32 is ENOEXEC", elf({ phentsize: 32 }), "-ENOEXEC"],
  ["no program headers are ENOEXEC", elf({ phnum: 0 }), "-ENOEXEC"],
  ["more program headers than a page holds are ENOEXEC", Buffer.concat([elf({ phnum: 74 }), Buffer.alloc(8192)]), "-ENOEXEC"],
  ["a table of program headers behind the end is ENOEXEC", elf({ phoff: 1n << 40n }), "-ENOEXEC"],
  ["a table of program headers at a negative offset is ENOEXEC", elf({ phoff: 1n << 63n }), "-ENOEXEC"],
  ["a missing interpreter is ENOENT", elf({ segments: [code(exitCode(1)), interp("/none")] }), "-ENOENT"],
  ["an interpreter without x is EACCES", elf({ segments: [code(exitCode(1)), interp("/ld")] }), "-EACCES", file("/ld", loader(), 0o644)],
  ["an interpreter path without NUL is ENOEXEC", elf({ segments: [code(exitCode(1)), interp("/ld", { fileSize: 3 })] }), "-ENOEXEC"],
  ["an interpreter path over 4096 bytes is ENOEXEC", elf({ segments: [code(exitCode(1)), interp("/ld", { fileSize: 4097 })] }), "-ENOEXEC"],
  ["an interpreter path behind the end of the file is EIO", elf({ segments: [code(exitCode(1)), interp("/ld", { data: Buffer.alloc(0), offset: 1 << 20, fileSize: 4 })] }), "-EIO"],
  ["an interpreter of 63 bytes is EIO", elf({ segments: [code(exitCode(1)), interp("/ld")] }), "-EIO", file("/ld", elf({ length: 63 }), 0o755)],
  ["an interpreter that is no ELF is ELIBBAD", elf({ segments: [code(exitCode(1)), interp("/ld")] }), "-ELIBBAD", file("/ld", "x".repeat(100), 0o755)],
  ["an interpreter for another machine is ELIBBAD", elf({ segments: [code(exitCode(1)), interp("/ld")] }), "-ELIBBAD", file("/ld", elf({ machine: 3 }), 0o755)],

  // Past the point of no return: SIGSEGV.
  ["no PT_LOAD at all", elf({ segments: [{ type: PT_PHDR }], entry: CODE_ADDRESS }), SIGSEGV],
  ["an entry outside of everything", elf({ segments: [code(exitCode(0))], entry: 0x7000_0000 }), SIGSEGV],
  ["entry 0", elf({ segments: [code(exitCode(0))], entry: 0 }), SIGSEGV],
  ["an entry in the kernel's half", elf({ segments: [code(exitCode(0))], entry: -4096n & 0xffff_ffff_ffff_ffffn }), SIGSEGV],
  ["an odd entry", elf({ segments: [code(exitCode(0))], entry: CODE_ADDRESS + 1 }), exited(0)],
  ["an address that does not agree with its offset", elf({ segments: [code(exitCode(0)), data(0x80123, { offset: 0x2456 })] }), SIGSEGV],
  ["a segment at 0", elf({ segments: [code(exitCode(0)), data(0)] }), SIGSEGV],
  ["a segment at the end of the address space", elf({ segments: [code(exitCode(0)), data(0, { address: 0x3f_ffff_f000n, memorySize: 0x2000 })] }), SIGSEGV],
  ["a segment in the kernel's half", elf({ segments: [code(exitCode(0)), data(0, { address: -4096n & 0xffff_ffff_ffff_ffffn })] }), SIGSEGV],
  ["a segment that is larger than the address space", elf({ segments: [code(exitCode(0)), data(0x80000, { memorySize: 1n << 50n })] }), SIGSEGV],
  ["a memory size of 2^64 - 1", elf({ segments: [code(exitCode(0)), data(0x80000, { memorySize: (1n << 64n) - 1n })] }), SIGSEGV],
  ["a file size above the memory size", elf({ segments: [code(exitCode(0)), data(0x80000, { memorySize: 8 })] }), SIGSEGV],
  ["a file size of 2^63", elf({ segments: [code(exitCode(0)), data(0x80000, { fileSize: 1n << 63n, memorySize: 1n << 63n })] }), SIGSEGV],
  ["fixed addresses where the stack is", elf({ segments: [code(exitCode(0)), data(0, { address: 0x3f_ffff_b000n, data: Buffer.alloc(16) })] }), SIGSEGV],
  ["an alignment of 2^40 for a movable image", elf({ type: ET_DYN, segments: [{ ...code(exitCode(0), 0), align: 1n << 40n }], entry: 0 }), SIGSEGV],
  ["a movable image with a span of 2^38 bytes", elf({ type: ET_DYN, segments: [code(exitCode(0), 0), data(0, { address: 1n << 38n, memorySize: 16 })], entry: 0 }), SIGSEGV],
  ["an alignment that is no power of two is ignored", elf({ type: ET_DYN, segments: [{ ...code(exitCode(2), 0), align: 12345 }], entry: 0 }), exited(2)],
  ["data of a file that ends before its segment does", elf({ segments: [code(exitWithByteAt(0x85000)), data(0x80000, { fileSize: 0x8000, memorySize: 0x8000 })] }), SIGBUS],
  ["code of zeros is an illegal instruction", elf({ segments: [code([0])] }), SIGILL],
];

/** Copies `exit_group(9)` onto the stack, instruction by instruction, and jumps there. */
function runOnStack(): number[] {
  const SW = (rs2: number, offset: number) => ((rs2 << 20) | (2 << 15) | (2 << 12) | ((offset & 0x1f) << 7) | 0x23) >>> 0;
  const store = exitCode(9).flatMap((instruction, index) => [...li(5, instruction), SW(5, index * 4)]);
  const JALR_SP = (2 << 15) | 0x67;
  return [addi(2, 2, -64), ...store, 0x0000100f /* fence.i */, JALR_SP];
}

describe("an image", () => {
  it.each(images)("%s", (_, program, want, ...more) => {
    expect(execute(program, ...more)).toBe(want);
  });

  it("loads the program at 2/3 of the address space when it is position independent", () => {
    const program = elf({ type: ET_DYN, segments: [code([auipc(10), addi(17, 0, 94), ECALL], 0), data(0x1000)], entry: 0 });
    expect(execute(program)).toBe(exited(0x2a_aaaa_a000 & 0xff));
  });

  it("denies writers while it runs, and its interpreter too, and nobody afterwards", () => {
    const parks = bornProgram;
    const test = boot({ entries: [file("/program", parks, 0o755)] });
    const actor = test.actor();
    const child = actor.fork();
    child.must(SYS_EXECVE, "/program", child.strings(["program"]), 0);
    test.settle();
    const write = () => actor.call(SYS_OPENAT, AT_FDCWD, "/program", O_WRONLY);
    expect(resultText(write())).toBe("-ETXTBSY");
    actor.must(SYS_KILL, child.pid, SIGKILL);
    actor.wait(child.pid);
    expect(write()).toBeGreaterThan(0);
  });

  it("is ETXTBSY while it, or its interpreter, is open for writing", () => {
    const program = elf({ segments: [code(exitCode(1)), interp("/ld")] });
    const test = boot({ entries: [file("/program", program, 0o755), file("/ld", loader(), 0o755)] });
    const actor = test.actor();
    for (const path of ["/ld", "/program"]) {
      const fd = actor.open(path, O_WRONLY);
      expect(resultText(actor.call(SYS_EXECVE, "/program", 0, 0))).toBe("-ETXTBSY");
      actor.close(fd);
    }
    actor.open("/ld", O_RDONLY);
    const child = actor.fork();
    child.must(SYS_EXECVE, "/program", 0, 0);
    expect(actor.wait(child.pid)).toBe(exited(33));
  });
});

describe("the initial stack", () => {
  function started(program: Uint8Array, argv: string[], env: string[], ...more: ImageEntry[]) {
    const test = boot({ entries: [file("/bin/program", program, 0o755), ...more] });
    const actor = test.actor();
    const child = actor.fork();
    child.must(SYS_EXECVE, "/bin/program", child.strings(argv), child.strings(env));
    test.settle();
    const peek = (address: number | bigint, len: number) => Buffer.from(test.machine.peek(child.pid, BigInt(address), len));
    const sp = peek(0x100000, 8).readBigUInt64LE();
    return { sp, peek, ...initialStack(peek, sp) };
  }

  it("is 16-byte aligned and ends with the file's name, for any length of the strings", () => {
    for (let length = 0; length < 20; length++) {
      const { sp, argv, execfn } = started(bornProgram, ["x".repeat(length)], []);
      expect({ aligned: sp % 16n, argv, execfn }).toEqual({ aligned: 0n, argv: ["x".repeat(length)], execfn: "/bin/program" });
    }
  });

  it("has the strings of arguments, environment and name one after the other, upwards", () => {
    const { sp, peek, auxv: vector } = started(bornProgram, ["one", "two"], ["A=1", "B=2"]);
    const first = peek(sp + 8n, 8).readBigUInt64LE();
    const wanted = "one\0two\0A=1\0B=2\0/bin/program\0";
    expect(peek(first, wanted.length).toString("latin1")).toBe(wanted);
    expect(vector.get(auxv.AT_EXECFN)).toBe(first + BigInt("one\0two\0A=1\0B=2\0".length));
    expect(peek(first + BigInt(wanted.length), 8).readBigUInt64LE()).toBe(0n);
  });

  it("says in the auxiliary vector what the program is and where", () => {
    const { auxv: vector } = started(bornProgram, ["x"], []);
    const found = Object.fromEntries(vector);
    expect(found).toMatchObject({
      [auxv.AT_PAGESZ]: 4096n, [auxv.AT_PHENT]: 56n, [auxv.AT_PHNUM]: 2n, [auxv.AT_ENTRY]: BigInt(CODE_ADDRESS), [auxv.AT_BASE]: 0n,
      [auxv.AT_FLAGS]: 0n, [auxv.AT_UID]: 0n, [auxv.AT_EUID]: 0n, [auxv.AT_GID]: 0n, [auxv.AT_EGID]: 0n, [auxv.AT_SECURE]: 0n,
      [auxv.AT_CLKTCK]: 100n,
    });
    expect(vector.get(auxv.AT_HWCAP)! & 0x112dn).toBe(0x112dn);
  });

  it("has 16 random bytes, the same in every run of the same seed", () => {
    const [one, other] = [started(bornProgram, ["x"], []), started(bornProgram, ["x"], [])];
    const random = ({ peek, auxv: vector }: typeof one) => peek(vector.get(auxv.AT_RANDOM)!, 16).toString("hex");
    expect(random(one)).toMatch(/^[0-9a-f]{32}$/);
    expect(random(one)).not.toBe("0".repeat(32));
    expect(random(one)).toBe(random(other));
  });

  it("points at the program headers where a segment holds them", () => {
    const whole = elf({ segments: [{ type: PT_LOAD, flags: PF_R | PF_X, address: CODE_ADDRESS, offset: 0, fileSize: 64 + 56 + 12, data: Buffer.alloc(0) }], entry: CODE_ADDRESS + 120 });
    const program = Buffer.concat([whole, words(exitCode(0))]);
    expect(execute(program)).toBe(exited(0));
  });

  it("gives an interpreter its own base and the program's entry and headers", () => {
    // The interpreter is the program that looks around; it is position dependent, so AT_BASE is its bias: 0.
    const { auxv: vector } = started(elf({ type: ET_DYN, segments: [code(exitCode(1), 0), interp("/ld")], entry: 0 }), ["x"], [], file("/ld", bornProgram, 0o755));
    expect(vector.get(auxv.AT_ENTRY)).toBe(0x2a_aaaa_a000n);
    expect(vector.get(auxv.AT_PHNUM)).toBe(2n);
    expect(vector.get(auxv.AT_BASE)).toBe(0n);
  });
});
