// SPDX-License-Identifier: MIT
// sendmsg(2), recvmsg(2), sendto(2), recvfrom(2): decodes struct msghdr; control messages are control-message.ts's business.

import { EFAULT, EINVAL, EISCONN, EMSGSIZE, EOPNOTSUPP } from "../abi/errno.ts";
import { MSG_CMSG_CLOEXEC, MSG_TRUNC, SOCK_DGRAM, SOCK_STREAM } from "../abi/socket.ts";
import { received } from "../file/received.ts";
import { Rights } from "../file/rights.ts";
import { UnixSocket } from "../file/unix-socket.ts";
import { failure } from "../lib/failure.ts";
import { MAX_COUNT, MAX_SEGMENTS } from "../lib/limits.ts";
import { Outcome } from "../lib/outcome.ts";
import { UserBuffer } from "../memory/user-buffer.ts";
import { copyIn, isUserRange, writeUser } from "../memory/user.ts";
import { Task } from "../process/task.ts";
import { controlStored, decodeControl, decodedRights, SENDER, storeControl } from "./control-message.ts";
import { vectorLength } from "./io.ts";
import { finishIo } from "./open-file.ts";
import { findListener, socketOf } from "./socket.ts";

// struct msghdr
const HEADER_SIZE: usize = 56;
const NAME: usize = 0;
const NAME_LENGTH: usize = 8;
const VECTOR: usize = 16;
const VECTOR_LENGTH: usize = 24;
const CONTROL: usize = 32;
const CONTROL_LENGTH: usize = 40;
const FLAGS: usize = 48;
const header = memory.data(56, 8);

const MSG_OOB: u32 = 1;

export function sysSendto(self: Task): Outcome {
  const socket = socketOf(self, self.argInt(0));
  if (socket == null) return failure;
  if (!isUserRange(self.arg(1), self.arg(2))) return -EFAULT;
  const outcome = checkDestination(self, socket, self.arg(4), self.argInt(5));
  if (outcome < 0) return outcome;
  self.identify(SENDER);
  const buffer = UserBuffer.ofRange(self.space, self.arg(1), min(self.arg(2), MAX_COUNT));
  return send(self, socket, buffer, <u32>self.arg(3), null);
}

export function sysSendmsg(self: Task): Outcome {
  const socket = socketOf(self, self.argInt(0));
  if (socket == null) return failure;
  const length = readHeader(self);
  if (length < 0) return length;
  self.identify(SENDER);
  const outcome = decodeControl(self, load<u64>(header, CONTROL), load<u64>(header, CONTROL_LENGTH));
  const rights = decodedRights();
  const sent = outcome < 0 ? outcome : sendDecoded(self, socket, length, rights);
  if (rights != null) rights.letGo();
  return sent;
}

export function sysRecvfrom(self: Task): Outcome {
  const socket = socketOf(self, self.argInt(0));
  if (socket == null) return failure;
  if (!isUserRange(self.arg(1), self.arg(2))) return -EFAULT;
  const buffer = UserBuffer.ofRange(self.space, self.arg(1), min(self.arg(2), MAX_COUNT));
  const outcome = finishIo(self, socket, socket.receive(self, buffer, <u32>self.arg(3)));
  const rights = takeReceivedRights();
  if (rights != null) rights.letGo();
  // Nobody here has a name: the length of the sender's is 0.
  if (outcome >= 0 && self.arg(4) != 0 && !writeUser<i32>(self.space, self.arg(5), 0)) return -EFAULT;
  return outcome;
}

export function sysRecvmsg(self: Task): Outcome {
  const socket = socketOf(self, self.argInt(0));
  if (socket == null) return failure;
  const length = readHeader(self);
  if (length < 0) return length;
  const flags = <u32>self.arg(2);
  const buffer = UserBuffer.ofVector(self.space, load<u64>(header, VECTOR), length);
  const outcome = finishIo(self, socket, socket.receive(self, buffer, flags));
  const rights = takeReceivedRights();
  const stored = outcome < 0 ? outcome : storeHeader(self, socket, flags, rights);
  if (rights != null) rights.letGo();
  return stored < 0 ? stored : outcome;
}

function sendDecoded(self: Task, socket: UnixSocket, length: i64, rights: Rights | null): Outcome {
  const outcome = checkDestination(self, socket, load<u64>(header, NAME), load<i32>(header, NAME_LENGTH));
  if (outcome < 0) return outcome;
  const buffer = UserBuffer.ofVector(self.space, load<u64>(header, VECTOR), length);
  return send(self, socket, buffer, <u32>self.arg(2), rights);
}

function send(self: Task, socket: UnixSocket, buffer: UserBuffer, flags: u32, rights: Rights | null): Outcome {
  if ((flags & MSG_OOB) != 0) return -EOPNOTSUPP;
  return finishIo(self, socket, socket.send(self, buffer, flags, rights, SENDER));
}

/** An address is for datagrams; a packet socket ignores it, a stream has one peer only. */
function checkDestination(self: Task, socket: UnixSocket, address: u64, length: i32): Outcome {
  if (address == 0 || length == 0) return 0;
  if (socket.type == SOCK_STREAM) return socket.isConnected ? -EISCONN : -EOPNOTSUPP;
  return socket.type == SOCK_DGRAM ? findListener(self, address, length) : 0;
}

/** Reads argument 1 into `header`; the bytes that its vector covers, or -errno. */
function readHeader(self: Task): i64 {
  if (copyIn(self.space, header, self.arg(1), HEADER_SIZE) != HEADER_SIZE) return -EFAULT;
  if (load<i32>(header, NAME_LENGTH) < 0) return -EINVAL;
  if (load<u64>(header, VECTOR_LENGTH) > MAX_SEGMENTS) return -EMSGSIZE;
  return vectorLength(self, load<u64>(header, VECTOR), load<u64>(header, VECTOR_LENGTH));
}

/** Reports what came besides bytes: control messages, flags, and the sender's name, which is always empty. */
function storeHeader(self: Task, socket: UnixSocket, flags: u32, rights: Rights | null): Outcome {
  let reported = flags & MSG_CMSG_CLOEXEC;
  if (received.isTruncated) reported |= MSG_TRUNC;
  const room = load<u64>(header, CONTROL_LENGTH);
  reported |= storeControl(self, socket, load<u64>(header, CONTROL), room, rights, (flags & MSG_CMSG_CLOEXEC) != 0);
  const isStored = writeUser<u64>(self.space, self.arg(1) + CONTROL_LENGTH, controlStored) &&
    writeUser<u32>(self.space, self.arg(1) + FLAGS, reported) &&
    (load<u64>(header, NAME) == 0 || writeUser<i32>(self.space, self.arg(1) + NAME_LENGTH, 0));
  return isStored ? 0 : -EFAULT;
}

function takeReceivedRights(): Rights | null {
  const rights = received.rights;
  received.rights = null;
  return rights;
}
