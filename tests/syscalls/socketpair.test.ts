// SPDX-License-Identifier: MIT
// AF_UNIX socket pairs (unix(7), socketpair(2)): streams, datagrams, sequenced packets. Every number here was taken from
// Linux 6.18: how much fits, what poll says, who gets which error.

import { describe, expect, it } from "vitest";
import {
  EAFNOSUPPORT, EAGAIN, EBADF, ECONNREFUSED, ECONNRESET, EFAULT, EINVAL, EISCONN, EMSGSIZE, ENOENT, ENOPROTOOPT, ENOTCONN, ENOTSOCK,
  EOPNOTSUPP, EPIPE, EPROTONOSUPPORT, ESOCKTNOSUPPORT, ESPIPE,
} from "../../kernel/abi/errno.ts";
import { F_GETFD, F_GETFL, FD_CLOEXEC, O_NONBLOCK, O_RDWR } from "../../kernel/abi/fcntl.ts";
import { FIONREAD, TIOCOUTQ } from "../../kernel/abi/ioctl.ts";
import { SIGPIPE } from "../../kernel/abi/signal.ts";
import {
  AF_INET, AF_UNIX, MSG_DONTWAIT, MSG_NOSIGNAL, MSG_PEEK, MSG_TRUNC, MSG_WAITALL, SHUT_RD, SHUT_RDWR, SHUT_WR, SO_DOMAIN, SO_ERROR,
  SO_PEERCRED, SO_RCVBUF, SO_RCVTIMEO, SO_SNDBUF, SO_TYPE, SOCK_CLOEXEC, SOCK_DGRAM, SOCK_NONBLOCK, SOCK_SEQPACKET, SOCK_STREAM, SOL_SOCKET,
} from "../../kernel/abi/socket.ts";
import { S_IFSOCK } from "../../kernel/abi/stat.ts";
import {
  SYS_ACCEPT, SYS_BIND, SYS_CONNECT, SYS_FCNTL, SYS_FSTAT, SYS_GETPEERNAME, SYS_GETSOCKNAME, SYS_GETSOCKOPT, SYS_IOCTL, SYS_LISTEN, SYS_LSEEK,
  SYS_PPOLL, SYS_READ, SYS_RECVFROM, SYS_RT_SIGACTION, SYS_SENDTO, SYS_SETSOCKOPT, SYS_SHUTDOWN, SYS_SOCKET, SYS_SOCKETPAIR, SYS_WRITE,
} from "../../kernel/abi/syscalls.ts";
import type { TestActor } from "../support/actor.ts";
import { boot } from "../support/boot.ts";
import { HANDLER, pollfds, sigaction, timespec } from "../support/structs.ts";

const TYPES = [
  { type: SOCK_STREAM, name: "stream" },
  { type: SOCK_DGRAM, name: "datagram" },
  { type: SOCK_SEQPACKET, name: "seqpacket" },
] as const;

function socketpair(actor: TestActor, type: number): [number, number] {
  const fds = actor.alloc(8);
  actor.must(SYS_SOCKETPAIR, AF_UNIX, type, 0, fds);
  return [fds.s32(0), fds.s32(4)];
}

function send(actor: TestActor, fd: number, text: string, flags = MSG_DONTWAIT): number {
  return actor.call(SYS_SENDTO, fd, Buffer.from(text), text.length, flags, null, 0);
}

/** What was received, or -errno. */
function receive(actor: TestActor, fd: number, size = 4096, flags = MSG_DONTWAIT): string | number {
  const buffer = actor.alloc(size);
  const count = actor.call(SYS_RECVFROM, fd, buffer, size, flags, null, null);
  return count < 0 ? count : buffer.text(0, Math.min(count, size));
}

function revents(actor: TestActor, fd: number): number {
  const fds = actor.bytes(pollfds([fd, 0xffff]));
  actor.must(SYS_PPOLL, fds, 1, timespec(0), null, 8);
  return fds.u16(6);
}

function option(actor: TestActor, fd: number, name: number): number {
  const [value, size] = [actor.alloc(4), actor.u32s([4])];
  const outcome = actor.call(SYS_GETSOCKOPT, fd, SOL_SOCKET, name, value, size);
  return outcome < 0 ? outcome : value.s32(0);
}

describe.each(TYPES)("$name", ({ type, name }) => {
  const isStream = type === SOCK_STREAM;
  const isDatagram = type === SOCK_DGRAM;

  it("carries bytes both ways", () => {
    const actor = boot().actor();
    const [one, other] = socketpair(actor, type);
    expect([one, other]).toEqual([3, 4]);
    actor.write(one, "ping");
    expect(actor.read(other)).toBe("ping");
    actor.write(other, "pong");
    expect(actor.read(one)).toBe("pong");
  });

  it("flags, stat, options", () => {
    const actor = boot().actor();
    const [one, other] = socketpair(actor, type | SOCK_CLOEXEC | SOCK_NONBLOCK);
    for (const fd of [one, other]) {
      expect(actor.call(SYS_FCNTL, fd, F_GETFD)).toBe(FD_CLOEXEC);
      expect(actor.call(SYS_FCNTL, fd, F_GETFL)).toBe(O_RDWR | O_NONBLOCK);
      expect(option(actor, fd, SO_TYPE)).toBe(type);
      expect(option(actor, fd, SO_DOMAIN)).toBe(AF_UNIX);
      expect(option(actor, fd, SO_ERROR)).toBe(0);
      expect(option(actor, fd, 9999)).toBe(-ENOPROTOOPT);
      expect(actor.call(SYS_LSEEK, fd, 0, 0)).toBe(-ESPIPE);
    }
    const stat = actor.alloc(128);
    actor.must(SYS_FSTAT, one, stat);
    expect(stat.u32(16)).toBe(S_IFSOCK | 0o777);
  });

  it("keeps messages apart unless it is a stream", () => {
    const actor = boot().actor();
    const [one, other] = socketpair(actor, type);
    send(actor, one, "abcdef");
    send(actor, one, "gh");
    const count = actor.alloc(4);
    actor.must(SYS_IOCTL, other, FIONREAD, count);
    expect(count.u32(0)).toBe(isDatagram ? 6 : 8);
    actor.must(SYS_IOCTL, one, TIOCOUTQ, count);
    expect(count.u32(0)).toBe(2 * 768);
    expect(receive(actor, other, 3, MSG_PEEK)).toBe("abc");
    expect(receive(actor, other, 3)).toBe("abc"); // the rest of a packet is lost
    expect(receive(actor, other)).toBe(isStream ? "defgh" : "gh");
    expect(receive(actor, other)).toBe(-EAGAIN);
  });

  it("MSG_TRUNC reports a packet's real length", () => {
    const actor = boot().actor();
    const [one, other] = socketpair(actor, type);
    send(actor, one, "abcdef");
    expect(actor.call(SYS_RECVFROM, other, actor.alloc(3), 3, MSG_TRUNC, null, null)).toBe(isStream ? 3 : 6);
  });

  it("an empty message is one, except in a stream", () => {
    const actor = boot().actor();
    const [one, other] = socketpair(actor, type);
    expect(send(actor, one, "")).toBe(0);
    expect(receive(actor, other)).toBe(isStream ? -EAGAIN : "");
  });

  const filled = {
    stream: [[1, 278], [100, 27_800], [1000, 93_000], [4096, 180_224], [30_000, 210_000], [100_000, 236_544]],
    datagram: [[1, 278], [100, 27_800], [1000, 93_000], [4096, 106_496], [30_000, 210_000], [100_000, 300_000]],
    seqpacket: [[1, 278], [100, 27_800], [1000, 93_000], [4096, 106_496], [30_000, 210_000], [100_000, 300_000]],
  }[name];
  it.each(filled.map(([size, bytes]) => ({ size, bytes })))("takes $bytes bytes in writes of $size", ({ size, bytes }) => {
    const actor = boot().actor();
    const [one, other] = socketpair(actor, type | SOCK_NONBLOCK);
    const buffer = actor.alloc(size!);
    let total = 0;
    for (let count = 0; (count = actor.call(SYS_WRITE, one, buffer, size!)) > 0; ) total += count;
    expect(total).toBe(bytes);
    expect(revents(actor, one) & 4).toBe(0);
    actor.must(SYS_READ, other, actor.alloc(300_000), 300_000);
  });

  it("a sender sleeps until there is room, a receiver until there is a message", () => {
    const actor = boot().actor();
    const [one, other] = socketpair(actor, type);
    const child = actor.fork();
    const length = 100_000;
    for (let i = 0; i < 2; i++) actor.must(SYS_WRITE, one, actor.alloc(length), length);
    const write = child.start(SYS_WRITE, one, child.alloc(length), length);
    expect(write.isBlocked).toBe(isStream); // Linux lets the last packet overshoot
    const second = isStream ? write : child.start(SYS_WRITE, one, child.alloc(length), length);
    expect(second.isBlocked).toBe(true);
    const buffer = actor.alloc(length);
    for (let left = isStream ? 3 * length : 4 * length; left > 0; ) left -= actor.must(SYS_READ, other, buffer, length);
    expect(second.result()).toBe(length);
    const read = child.start(SYS_READ, one, child.alloc(4), 4);
    expect(read.isBlocked).toBe(true);
    actor.write(other, "late");
    expect(read.result()).toBe(4);
  });

  it("shutdown for writing", () => {
    const actor = boot().actor();
    const [one, other] = socketpair(actor, type);
    actor.must(SYS_RT_SIGACTION, SIGPIPE, sigaction(HANDLER), null, 8);
    send(actor, one, "left");
    expect(actor.call(SYS_SHUTDOWN, one, SHUT_WR)).toBe(0);
    expect(revents(actor, one)).toBe(0x304);
    expect(revents(actor, other)).toBe(isDatagram ? 0x345 : 0x2345);
    expect(send(actor, one, "x")).toBe(-EPIPE);
    expect(actor.takeSignals()).toEqual(isStream ? [SIGPIPE] : []);
    expect(send(actor, one, "x", MSG_NOSIGNAL)).toBe(-EPIPE);
    expect(actor.takeSignals()).toEqual([]);
    expect(receive(actor, other)).toBe("left");
    expect(receive(actor, other)).toBe(isDatagram ? -EAGAIN : "");
  });

  it("shutdown for reading", () => {
    const actor = boot().actor();
    const [one, other] = socketpair(actor, type);
    expect(actor.call(SYS_SHUTDOWN, one, SHUT_RD)).toBe(0);
    expect(send(actor, other, "x", MSG_NOSIGNAL)).toBe(-EPIPE);
    expect(receive(actor, one)).toBe(isDatagram ? -EAGAIN : "");
    expect(receive(actor, one, 10, 0)).toBe(""); // one that may wait sees the end at once
    expect(actor.call(SYS_SHUTDOWN, one, SHUT_WR)).toBe(0);
    expect(revents(actor, one)).toBe(0x2355);
  });

  it("the peer closes, having read everything", () => {
    const actor = boot().actor();
    const [one, other] = socketpair(actor, type);
    send(actor, other, "left");
    actor.close(other);
    expect(revents(actor, one)).toBe(isDatagram ? 0x345 : 0x2355);
    expect(send(actor, one, "x", MSG_NOSIGNAL)).toBe(isDatagram ? -ECONNREFUSED : -EPIPE);
    expect(receive(actor, one)).toBe(isDatagram ? -EAGAIN : "left"); // a refused datagram takes what had come with it
    expect(receive(actor, one)).toBe(isDatagram ? -EAGAIN : "");
    const name = actor.alloc(16);
    expect(actor.call(SYS_GETPEERNAME, one, name, actor.u32s([16]))).toBe(isDatagram ? -ENOTCONN : 0);
  });

  it("the peer closes with something unread", () => {
    const actor = boot().actor();
    const [one, other] = socketpair(actor, type);
    send(actor, one, "unread");
    actor.close(other);
    expect(revents(actor, one)).toBe(isDatagram ? 0x304 : 0x235d);
    expect(receive(actor, one)).toBe(isDatagram ? -EAGAIN : -ECONNRESET);
    expect(receive(actor, one)).toBe(isDatagram ? -EAGAIN : "");
  });

  it("names are empty; there is nobody to connect to", () => {
    const actor = boot().actor();
    const [one] = socketpair(actor, type);
    for (const number of [SYS_GETSOCKNAME, SYS_GETPEERNAME]) {
      const [name, size] = [actor.alloc(110), actor.u32s([110])];
      expect(actor.call(number, one, name, size)).toBe(0);
      expect([size.u32(0), name.u16(0)]).toEqual([2, AF_UNIX]);
    }
    const address = actor.bytes(Buffer.from("\x01\x00/nobody\x00"));
    expect(actor.call(SYS_CONNECT, one, address, 10)).toBe(-ENOENT);
    expect(actor.call(SYS_BIND, one, address, 10)).toBe(-EOPNOTSUPP);
    expect(actor.call(SYS_LISTEN, one, 1)).toBe(isDatagram ? -EOPNOTSUPP : -EINVAL);
    expect(actor.call(SYS_ACCEPT, one, null, null)).toBe(isDatagram ? -EOPNOTSUPP : -EINVAL);
    const want = { stream: -EISCONN, datagram: -ENOENT, seqpacket: 1 }[name];
    expect(actor.call(SYS_SENDTO, one, "x", 1, 0, address, 10)).toBe(want);
  });

  it("a socket without a peer", () => {
    const actor = boot().actor();
    const fd = actor.must(SYS_SOCKET, AF_UNIX, type, 0);
    expect(revents(actor, fd)).toBe(isDatagram ? 0x304 : 0x314);
    expect(send(actor, fd, "x")).toBe(-ENOTCONN);
    expect(receive(actor, fd)).toBe({ stream: -EINVAL, datagram: -EAGAIN, seqpacket: -ENOTCONN }[name]);
    expect(actor.call(SYS_GETPEERNAME, fd, actor.alloc(16), actor.u32s([16]))).toBe(-ENOTCONN);
    expect(actor.call(SYS_SHUTDOWN, fd, SHUT_RDWR)).toBe(0);
  });
});

it("MSG_WAITALL collects a stream until the claim is full, or the end", () => {
  const actor = boot().actor();
  const [one, other] = socketpair(actor, SOCK_STREAM);
  const child = actor.fork();
  const buffer = child.alloc(6);
  const all = child.start(SYS_RECVFROM, other, buffer, 6, MSG_WAITALL, null, null);
  actor.write(one, "abc");
  expect(all.isBlocked).toBe(true);
  actor.write(one, "defgh");
  expect(all.result()).toBe(6);
  expect(buffer.text(0, 6)).toBe("abcdef");
  const rest = child.start(SYS_RECVFROM, other, buffer, 6, MSG_WAITALL, null, null);
  expect(rest.isBlocked).toBe(true);
  actor.must(SYS_SHUTDOWN, one, SHUT_WR);
  expect(rest.result()).toBe(2);
});

it("a stream asked for no bytes gives none if it has some, and sleeps if not", () => {
  const actor = boot().actor();
  const [one, other] = socketpair(actor, SOCK_STREAM);
  const child = actor.fork();
  const nothing = child.start(SYS_RECVFROM, other, child.alloc(1), 0, 0, null, null);
  expect(nothing.isBlocked).toBe(true);
  actor.write(one, "x");
  expect(nothing.result()).toBe(0);
  expect(receive(actor, other)).toBe("x");
  expect(actor.call(SYS_READ, other, 0, 0)).toBe(0);
});

it("MSG_WAITALL ends at a fault, with the whole messages before it; the rest stays", () => {
  const actor = boot().actor();
  const [one, other] = socketpair(actor, SOCK_STREAM);
  actor.write(one, "0123456789");
  actor.write(one, "abcdefghij");
  expect(actor.call(SYS_RECVFROM, other, actor.allocAtEnd(14), 30, MSG_WAITALL, null, null)).toBe(10);
  expect(actor.call(SYS_RECVFROM, other, actor.allocAtEnd(4), 30, MSG_WAITALL, null, null)).toBe(-EFAULT);
  expect(receive(actor, other)).toBe("abcdefghij");
});

it("writing nothing to a stream that is shut is EPIPE all the same", () => {
  const actor = boot().actor();
  const [one] = socketpair(actor, SOCK_STREAM);
  expect(send(actor, one, "", MSG_NOSIGNAL)).toBe(0);
  actor.must(SYS_SHUTDOWN, one, SHUT_WR);
  expect(send(actor, one, "", MSG_NOSIGNAL)).toBe(-EPIPE);
});

it("a packet larger than SO_SNDBUF is EMSGSIZE, a stream takes it in parts", () => {
  const actor = boot().actor();
  const buffer = actor.alloc(300_000);
  const [packets] = socketpair(actor, SOCK_SEQPACKET | SOCK_NONBLOCK);
  expect(actor.call(SYS_WRITE, packets, buffer, 300_000)).toBe(-EMSGSIZE);
  const [stream] = socketpair(actor, SOCK_STREAM | SOCK_NONBLOCK);
  expect(actor.call(SYS_WRITE, stream, buffer, 300_000)).toBe(219_264);
});

it("SO_PEERCRED names who made the pair; SO_SNDBUF is doubled; SO_RCVTIMEO ends a receive", () => {
  const machine = boot();
  const actor = machine.actor();
  const [one] = socketpair(actor, SOCK_STREAM);
  const [credentials, size] = [actor.alloc(12), actor.u32s([12])];
  actor.must(SYS_GETSOCKOPT, one, SOL_SOCKET, SO_PEERCRED, credentials, size);
  expect([credentials.u32(0), credentials.u32(4), credentials.u32(8)]).toEqual([actor.pid, 0, 0]);

  actor.must(SYS_SETSOCKOPT, one, SOL_SOCKET, SO_SNDBUF, actor.u32s([10_000]), 4);
  expect([option(actor, one, SO_SNDBUF), option(actor, one, SO_RCVBUF)]).toEqual([20_000, 212_992]);
  expect(actor.call(SYS_SETSOCKOPT, one, SOL_SOCKET, SO_SNDBUF, actor.u32s([1]), 1)).toBe(-EINVAL);

  actor.must(SYS_SETSOCKOPT, one, SOL_SOCKET, SO_RCVTIMEO, actor.u64s([1, 500_000]), 16);
  const before = machine.machine.now;
  expect(actor.call(SYS_READ, one, actor.alloc(1), 1)).toBe(-EAGAIN);
  expect(Number(machine.machine.now - before)).toBeGreaterThanOrEqual(1_500_000_000);
});

it.each([
  { call: "AF_INET", args: [AF_INET, SOCK_STREAM, 0], want: -EAFNOSUPPORT },
  { call: "an unknown family", args: [99, SOCK_STREAM, 0], want: -EAFNOSUPPORT },
  { call: "SOCK_RAW, which is SOCK_DGRAM", args: [AF_UNIX, 3, 0], want: 0 },
  { call: "SOCK_RDM", args: [AF_UNIX, 4, 0], want: -ESOCKTNOSUPPORT },
  { call: "type 0", args: [AF_UNIX, 0, 0], want: -ESOCKTNOSUPPORT },
  { call: "type 15", args: [AF_UNIX, 15, 0], want: -EINVAL },
  { call: "an unknown flag", args: [AF_UNIX, SOCK_STREAM | 0x100, 0], want: -EINVAL },
  { call: "protocol AF_UNIX", args: [AF_UNIX, SOCK_STREAM, 1], want: 0 },
  { call: "another protocol", args: [AF_UNIX, SOCK_STREAM, 2], want: -EPROTONOSUPPORT },
])("socketpair of $call", ({ args, want }) => {
  const actor = boot().actor();
  expect(actor.call(SYS_SOCKETPAIR, ...args, actor.alloc(8))).toBe(want);
});

it("socketpair leaves nothing open when the numbers cannot be stored", () => {
  const actor = boot().actor();
  expect(actor.call(SYS_SOCKETPAIR, AF_UNIX, SOCK_STREAM, 0, 8)).toBe(-EFAULT);
  expect(actor.call(SYS_FCNTL, 3, F_GETFD)).toBe(-EBADF);
});

it.each([
  { call: "recvfrom", number: SYS_RECVFROM, args: [0x10000, 1, 0, 0, 0] },
  { call: "getsockname", number: SYS_GETSOCKNAME, args: [0x10000, 0x10000] },
  { call: "shutdown", number: SYS_SHUTDOWN, args: [0] },
])("$call of what is no socket is ENOTSOCK, of what is closed EBADF", ({ number, args }) => {
  const actor = boot().actor();
  expect(actor.call(number, 1, ...args)).toBe(-ENOTSOCK);
  expect(actor.call(number, 99, ...args)).toBe(-EBADF);
});
