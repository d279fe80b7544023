// SPDX-License-Identifier: MIT
// Files and credentials over AF_UNIX sockets (unix(7): SCM_RIGHTS, SCM_CREDENTIALS). What is cut off where, and which flags
// come back, was taken from Linux 6.18. Every test ends with the leak check of boot(): a file that stays in flight fails it.

import { describe, expect, it } from "vitest";
import { EBADF, EINVAL, EMSGSIZE, EPERM, ETOOMANYREFS } from "../../kernel/abi/errno.ts";
import { F_GETFD, F_SETFD, FD_CLOEXEC, O_PATH } from "../../kernel/abi/fcntl.ts";
import { RLIMIT_NOFILE } from "../../kernel/abi/resource.ts";
import {
  AF_UNIX, MSG_CMSG_CLOEXEC, MSG_CTRUNC, MSG_DONTWAIT, MSG_PEEK, SCM_CREDENTIALS, SCM_RIGHTS, SO_PASSCRED, SOCK_DGRAM, SOCK_SEQPACKET,
  SOCK_STREAM, SOL_SOCKET,
} from "../../kernel/abi/socket.ts";
import {
  SYS_FCNTL, SYS_KILL, SYS_PRLIMIT64, SYS_READ, SYS_RECVMSG, SYS_SENDMSG, SYS_SETRESUID, SYS_SETSOCKOPT, SYS_SOCKETPAIR,
} from "../../kernel/abi/syscalls.ts";
import type { TestActor } from "../support/actor.ts";
import { boot } from "../support/boot.ts";
import { iovecs, pack } from "../support/structs.ts";

function socketpair(actor: TestActor, type = SOCK_STREAM): [number, number] {
  const fds = actor.alloc(8);
  actor.must(SYS_SOCKETPAIR, AF_UNIX, type, 0, fds);
  return [fds.s32(0), fds.s32(4)];
}

function control(type: number, data: Buffer, length = 16 + data.length): Buffer {
  return Buffer.concat([pack("u64", length, "s32", SOL_SOCKET, "s32", type), data, Buffer.alloc((8 - (data.length % 8)) % 8)]);
}

const rights = (...fds: number[]) => control(SCM_RIGHTS, Buffer.concat(fds.map((fd) => pack("s32", fd))));

function sendmsg(actor: TestActor, fd: number, text: string, data: Buffer = Buffer.alloc(0), segments = 1): number {
  const vector = actor.bytes(iovecs(actor.bytes(Buffer.from(text))));
  const header = pack("u64", 0, "u64", 0, "u64", vector, "u64", segments, "u64", actor.bytes(data), "u64", data.length, "u64", 0);
  return actor.call(SYS_SENDMSG, fd, header, MSG_DONTWAIT);
}

interface Message {
  text: string;
  flags: number;
  controlLength: number;
  fds: number[];
  credentials: number[] | undefined;
}

function recvmsg(actor: TestActor, fd: number, { size = 100, room = 2048, flags = 0 } = {}): Message {
  const [buffer, area] = [actor.alloc(size), actor.alloc(room + 1)];
  const vector = actor.bytes(iovecs(buffer));
  const header = actor.bytes(pack("u64", 0, "u64", 0, "u64", vector, "u64", 1, "u64", area, "u64", room, "u64", 0));
  const count = actor.must(SYS_RECVMSG, fd, header, flags | MSG_DONTWAIT);
  const message: Message = { text: buffer.text(0, count), flags: header.u32(48), controlLength: Number(header.u64(40)), fds: [], credentials: undefined };
  for (let at = 0; at + 16 <= message.controlLength; ) {
    const length = Number(area.u64(at));
    const values = Array.from({ length: (length - 16) >> 2 }, (_, i) => area.s32(at + 16 + 4 * i));
    if (area.u32(at + 12) === SCM_RIGHTS) message.fds = values;
    else message.credentials = values;
    at += (length + 7) & ~7;
  }
  return message;
}

describe("SCM_RIGHTS", () => {
  it.each([SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET])("gives the receiver descriptors of its own (type %i)", (type) => {
    const actor = boot().actor();
    const [one, other] = socketpair(actor, type);
    const [reader, writer] = actor.pipe();
    const child = actor.fork();
    expect(sendmsg(actor, one, "take", rights(writer, reader))).toBe(4);
    actor.close(writer);
    actor.close(reader);
    child.close(writer);
    child.close(reader);

    const { text, fds, flags, controlLength } = recvmsg(child, other);
    expect({ text, fds, flags, controlLength }).toEqual({ text: "take", fds: [reader, writer], flags: 0, controlLength: 24 });
    child.write(fds[0]!, "through");
    expect(child.read(fds[1]!)).toBe("through");
  });

  it("close-on-exec is asked for by the receiver and does not travel", () => {
    const actor = boot().actor();
    const [one, other] = socketpair(actor);
    actor.must(SYS_FCNTL, 1, F_SETFD, FD_CLOEXEC);
    sendmsg(actor, one, "a", rights(1));
    expect(actor.call(SYS_FCNTL, recvmsg(actor, other).fds[0]!, F_GETFD)).toBe(0);
    sendmsg(actor, one, "b", rights(1));
    const { fds, flags } = recvmsg(actor, other, { flags: MSG_CMSG_CLOEXEC });
    expect(flags).toBe(MSG_CMSG_CLOEXEC);
    expect(actor.call(SYS_FCNTL, fds[0]!, F_GETFD)).toBe(FD_CLOEXEC);
  });

  it.each([
    { room: 2048, fds: 3, length: 32, flags: 0 },
    { room: 24, fds: 2, length: 24, flags: MSG_CTRUNC },
    { room: 20, fds: 1, length: 20, flags: MSG_CTRUNC },
    { room: 16, fds: 0, length: 0, flags: MSG_CTRUNC },
    { room: 0, fds: 0, length: 0, flags: MSG_CTRUNC },
  ])("with room for $fds of 3 the rest is lost", ({ room, fds, length, flags }) => {
    const actor = boot().actor();
    const [one, other] = socketpair(actor);
    sendmsg(actor, one, "x", rights(0, 1, 2));
    const message = recvmsg(actor, other, { room });
    expect([message.fds.length, message.controlLength, message.flags]).toEqual([fds, length, flags]);
  });

  it("without a free descriptor they are lost, too", () => {
    const actor = boot().actor();
    const [one, other] = socketpair(actor);
    sendmsg(actor, one, "x", rights(0, 1));
    actor.must(SYS_PRLIMIT64, 0, RLIMIT_NOFILE, actor.u64s([6, 1024]), null);
    const { fds, flags } = recvmsg(actor, other);
    expect([fds, flags]).toEqual([[5], MSG_CTRUNC]);
  });

  it("read(2) drops them, and so does closing the socket", () => {
    const actor = boot().actor();
    const [one, other] = socketpair(actor);
    const [reader, writer] = actor.pipe();
    sendmsg(actor, one, "x", rights(writer));
    actor.close(writer);
    actor.must(SYS_READ, other, actor.alloc(10), 10);
    expect(actor.read(reader)).toBe(""); // the write end is gone

    const [reader2, writer2] = actor.pipe();
    sendmsg(actor, one, "x", rights(writer2));
    actor.close(writer2);
    actor.close(other);
    expect(actor.read(reader2)).toBe("");
  });

  it("a stream's read stops behind a message with files, and its first byte brings them", () => {
    const actor = boot().actor();
    const [one, other] = socketpair(actor);
    sendmsg(actor, one, "ab", rights(0));
    sendmsg(actor, one, "cd");
    sendmsg(actor, one, "ef", rights(1));
    sendmsg(actor, one, "gh");
    expect(recvmsg(actor, other, { size: 1 })).toMatchObject({ text: "a", fds: [5] });
    expect(recvmsg(actor, other)).toMatchObject({ text: "bcdef", fds: [6] });
    expect(recvmsg(actor, other)).toMatchObject({ text: "gh", fds: [] });
  });

  it("MSG_PEEK hands out copies", () => {
    const actor = boot().actor();
    const [one, other] = socketpair(actor);
    sendmsg(actor, one, "x", rights(0));
    expect(recvmsg(actor, other, { flags: MSG_PEEK }).fds).toEqual([5]);
    expect(recvmsg(actor, other).fds).toEqual([6]);
  });

  it("an O_PATH descriptor can be sent", () => {
    const actor = boot().actor();
    const [one, other] = socketpair(actor);
    sendmsg(actor, one, "x", rights(actor.open("/", O_PATH)));
    expect(recvmsg(actor, other).fds).toHaveLength(1);
  });

  it("a stream sends no files without a byte, a packet does", () => {
    const actor = boot().actor();
    const [one, other] = socketpair(actor);
    expect(sendmsg(actor, one, "", rights(0))).toBe(0);
    sendmsg(actor, one, "x");
    expect(recvmsg(actor, other).fds).toEqual([]);
    const [packet, packet2] = socketpair(actor, SOCK_SEQPACKET);
    expect(sendmsg(actor, packet, "", rights(0))).toBe(0);
    expect(recvmsg(actor, packet2).fds).toHaveLength(1);
  });

  const MANY = Array.from({ length: 254 }, () => 1);
  it.each([
    { call: "a closed descriptor", data: rights(0, 99), want: -EBADF },
    { call: "254 files", data: rights(...MANY), want: -EINVAL },
    { call: "253 files", data: rights(...MANY.slice(1)), want: 1 },
    { call: "253 files in two messages", data: Buffer.concat([rights(...MANY.slice(2)), rights(0)]), want: 1 },
    { call: "a length below the header's", data: control(SCM_RIGHTS, pack("s32", 0), 15), want: -EINVAL },
    { call: "a length over the buffer's", data: control(SCM_RIGHTS, pack("s32", 0), 25), want: -EINVAL },
    { call: "an unknown type", data: control(7, pack("s32", 0)), want: -EINVAL },
    { call: "no descriptor at all", data: rights(), want: 1 },
  ])("$call", ({ data, want }) => {
    const actor = boot().actor();
    const [one] = socketpair(actor);
    expect(sendmsg(actor, one, "x", data)).toBe(want);
  });

  it("more than 1024 segments are EMSGSIZE", () => {
    const actor = boot().actor();
    expect(sendmsg(actor, socketpair(actor)[0], "x", Buffer.alloc(0), 1025)).toBe(-EMSGSIZE);
  });

  it("RLIMIT_NOFILE bounds what the unprivileged have in flight", () => {
    const actor = boot().actor();
    const [one] = socketpair(actor);
    actor.must(SYS_PRLIMIT64, 0, RLIMIT_NOFILE, actor.u64s([10, 1024]), null);
    actor.must(SYS_SETRESUID, 1000, 1000, 1000);
    expect(sendmsg(actor, one, "x", rights(0, 1, 2, 0, 1, 2))).toBe(1);
    expect(sendmsg(actor, one, "x", rights(0, 1, 2, 0, 1, 2))).toBe(1);
    expect(sendmsg(actor, one, "x", rights(0))).toBe(-ETOOMANYREFS);
    expect(sendmsg(actor, one, "x")).toBe(1);
  });
});

describe("sockets in flight", () => {
  it("a pair sent over itself goes when its descriptors are closed", () => {
    const machine = boot();
    const actor = machine.actor();
    const before = machine.usage();
    const [one, other] = socketpair(actor);
    sendmsg(actor, one, "x", rights(one, other));
    sendmsg(actor, other, "x", rights(one, other, 1));
    actor.close(one);
    expect(machine.usage().files).toBe(before.files + 2);
    actor.close(other);
    expect(machine.usage().files).toBe(before.files);
  });

  it("a ring of pairs goes as one; what can still be received stays", () => {
    const machine = boot();
    const actor = machine.actor();
    const [keeper, entrance] = socketpair(actor);
    const before = machine.usage();
    const pairs = Array.from({ length: 4 }, () => socketpair(actor));
    pairs.forEach(([, other], i) => sendmsg(actor, pairs[(i + 1) % 4]![0], "x", rights(other)));
    sendmsg(actor, keeper, "x", rights(pairs[2]![1]));
    for (const fd of pairs.flat()) actor.close(fd);
    // The kept socket holds "x" with another pair's end, which holds another: all four ends live, their peers are closed.
    expect(machine.usage().files).toBe(before.files + 4);
    const { fds } = recvmsg(actor, entrance);
    expect(machine.usage().files).toBe(before.files + 4);
    actor.close(fds[0]!);
    expect(machine.usage().files).toBe(before.files);
  });

  it("a thousand pairs, each sent over itself, go at the latest when the process ends", () => {
    const machine = boot();
    const actor = machine.actor();
    const child = actor.fork();
    const before = machine.usage();
    for (let i = 0; i < 1000; i++) {
      const [one, other] = socketpair(child);
      sendmsg(child, one, "x", rights(one, other));
      child.close(one);
      child.close(other);
    }
    expect(machine.usage().files).toBeLessThan(before.files + 200);
    actor.must(SYS_KILL, child.pid, 9);
    actor.wait(child.pid);
    expect(machine.usage().files).toBe(before.files);
  });

  it("a long chain of sockets in the queues of sockets is taken apart without nesting", () => {
    const machine = boot();
    const actor = machine.actor();
    const before = machine.usage();
    let [one, other] = socketpair(actor);
    for (let i = 0; i < 3000; i++) {
      const [nextOne, nextOther] = socketpair(actor);
      if (sendmsg(actor, nextOne, "x", rights(other)) !== 1) throw new Error(`link ${i}`);
      actor.close(one);
      actor.close(other);
      [one, other] = [nextOne, nextOther];
    }
    actor.close(one);
    actor.close(other);
    expect(machine.usage().files).toBe(before.files);
  });
});

describe("SCM_CREDENTIALS", () => {
  function credentialsOf(actor: TestActor, pid: number, uid: number, gid: number): Buffer {
    return control(SCM_CREDENTIALS, pack("s32", pid, "u32", uid, "u32", gid));
  }

  it("come with every message once SO_PASSCRED is set, before the files", () => {
    const actor = boot().actor();
    const [one, other] = socketpair(actor);
    actor.must(SYS_SETSOCKOPT, other, SOL_SOCKET, SO_PASSCRED, actor.u32s([1]), 4);
    actor.write(one, "x");
    expect(recvmsg(actor, other)).toMatchObject({ credentials: [actor.pid, 0, 0], controlLength: 32 });
    sendmsg(actor, one, "x", rights(0));
    expect(recvmsg(actor, other)).toMatchObject({ credentials: [actor.pid, 0, 0], fds: [5], controlLength: 56 });
    actor.write(one, "x");
    expect(recvmsg(actor, other, { room: 20 })).toMatchObject({ credentials: [actor.pid], flags: MSG_CTRUNC, controlLength: 20 });
  });

  it("a stream's read does not join bytes of two senders then", () => {
    const actor = boot().actor();
    const [one, other] = socketpair(actor);
    const child = actor.fork();
    actor.must(SYS_SETSOCKOPT, other, SOL_SOCKET, SO_PASSCRED, actor.u32s([1]), 4);
    actor.write(one, "parent");
    child.write(one, "child");
    expect(recvmsg(actor, other)).toMatchObject({ text: "parent", credentials: [actor.pid, 0, 0] });
    expect(recvmsg(actor, other)).toMatchObject({ text: "child", credentials: [child.pid, 0, 0] });
  });

  it("root may claim any, others only what they are", () => {
    const actor = boot().actor();
    const [one, other] = socketpair(actor);
    actor.must(SYS_SETSOCKOPT, other, SOL_SOCKET, SO_PASSCRED, actor.u32s([1]), 4);
    expect(sendmsg(actor, one, "x", credentialsOf(actor, 77, 88, 99))).toBe(1);
    expect(recvmsg(actor, other).credentials).toEqual([77, 88, 99]);
    actor.must(SYS_SETRESUID, 1000, 1000, 1000);
    expect(sendmsg(actor, one, "x", credentialsOf(actor, 77, 1000, 0))).toBe(-EPERM);
    expect(sendmsg(actor, one, "x", credentialsOf(actor, actor.pid, 0, 0))).toBe(-EPERM);
    expect(sendmsg(actor, one, "x", credentialsOf(actor, actor.pid, 1000, 5))).toBe(-EPERM);
    expect(sendmsg(actor, one, "x", credentialsOf(actor, actor.pid, 1000, 0))).toBe(1);
    expect(recvmsg(actor, other).credentials).toEqual([actor.pid, 1000, 0]);
  });

  it("of another size are EINVAL", () => {
    const actor = boot().actor();
    expect(sendmsg(actor, socketpair(actor)[0], "x", control(SCM_CREDENTIALS, pack("s32", 1)))).toBe(-EINVAL);
  });
});
