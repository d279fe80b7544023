// SPDX-License-Identifier: MIT
// Socket calls that move no data: socket(2), socketpair(2), shutdown(2), names. There are AF_UNIX pairs and nothing else yet: no
// socket can be bound, so a connect finds nobody.

import {
  EAFNOSUPPORT, EBADF, ECONNREFUSED, EFAULT, EINVAL, ENFILE, ENOENT, ENOMEM, ENOTCONN, ENOTSOCK, EOPNOTSUPP, EPROTONOSUPPORT, ESOCKTNOSUPPORT,
} from "../abi/errno.ts";
import { O_NONBLOCK } from "../abi/fcntl.ts";
import { RLIMIT_NOFILE } from "../abi/resource.ts";
import { AF_UNIX, SHUT_RDWR, SOCK_CLOEXEC, SOCK_DGRAM, SOCK_NONBLOCK, SOCK_SEQPACKET, SOCK_STREAM } from "../abi/socket.ts";
import { UnixSocket } from "../file/unix-socket.ts";
import { mayOpenMore } from "../fs/open.ts";
import { fail, failure } from "../lib/failure.ts";
import { Outcome } from "../lib/outcome.ts";
import { admit } from "../memory/heap.ts";
import { copyIn, copyOut } from "../memory/user.ts";
import { Task } from "../process/task.ts";
import { installPair } from "./pipe.ts";

const TYPE_MASK = 0xf;
const FAMILIES = 46; // AF_MAX
const TYPES = 11; // SOCK_MAX
const SOCK_RAW = 3;
/** struct sockaddr_un: the family (u16), then at most 108 bytes. */
const LARGEST_ADDRESS = 110;
const address = memory.data(112, 8);
const word = memory.data(4, 4);
const credentials = memory.data(12, 4);

export function sysSocket(self: Task): Outcome {
  const type = checkType(self);
  if (type < 0) return type;
  if (!mayOpenMore(self.credentials)) return -ENFILE;
  if (!admit()) return -ENOMEM;
  const socket = newSocket(self, <i32>type);
  const fd = self.files.install(socket, 0, self.process.limit(RLIMIT_NOFILE), (self.argInt(1) & SOCK_CLOEXEC) != 0);
  socket.release();
  return fd;
}

export function sysSocketpair(self: Task): Outcome {
  const type = checkType(self);
  if (type < 0) return type;
  if (!mayOpenMore(self.credentials)) return -ENFILE;
  if (!admit()) return -ENOMEM;
  const one = newSocket(self, <i32>type);
  const other = newSocket(self, <i32>type);
  self.identify(credentials);
  UnixSocket.connect(one, other, credentials);
  const outcome = installPair(self, one, other, self.arg(3), (self.argInt(1) & SOCK_CLOEXEC) != 0);
  one.release();
  other.release();
  return outcome;
}

export function sysShutdown(self: Task): Outcome {
  const socket = socketOf(self, self.argInt(0));
  if (socket == null) return failure;
  const how = self.argInt(1);
  if (how < 0 || how > SHUT_RDWR) return -EINVAL;
  socket.close(how + 1); // SHUT_RD, SHUT_WR, SHUT_RDWR as bits
  return 0;
}

export function sysGetsockname(self: Task): Outcome {
  const socket = socketOf(self, self.argInt(0));
  return socket == null ? failure : storeUnnamed(self);
}

export function sysGetpeername(self: Task): Outcome {
  const socket = socketOf(self, self.argInt(0));
  if (socket == null) return failure;
  return socket.isConnected ? storeUnnamed(self) : -ENOTCONN;
}

export function sysConnect(self: Task): Outcome {
  const socket = socketOf(self, self.argInt(0));
  return socket == null ? failure : findListener(self, self.arg(1), self.argInt(2));
}

export function sysBind(self: Task): Outcome {
  const socket = socketOf(self, self.argInt(0));
  return socket == null ? failure : -EOPNOTSUPP;
}

/** Also accept(2): a socket without a name cannot listen. */
export function sysListen(self: Task): Outcome {
  const socket = socketOf(self, self.argInt(0));
  if (socket == null) return failure;
  return socket.type == SOCK_DGRAM ? -EOPNOTSUPP : -EINVAL;
}

/** The socket of a descriptor; null with `failure` EBADF or ENOTSOCK. A call that slept gets the one it slept in. */
export function socketOf(self: Task, fd: i32): UnixSocket | null {
  const slept = self.sleepsIn;
  const file = slept != null ? slept : self.files.get(fd);
  if (file == null || file.isPathOnly) return fail<UnixSocket>(-EBADF);
  return file.isSocket ? changetype<UnixSocket>(file) : fail<UnixSocket>(-ENOTSOCK);
}

/** Why there is nobody at this address: ENOENT for a path, ECONNREFUSED for an abstract name. */
export function findListener(self: Task, from: u64, length: i32): Outcome {
  if (length < 0 || length > 128) return -EINVAL;
  if (copyIn(self.space, address, from, min(length, LARGEST_ADDRESS)) != <usize>min(length, LARGEST_ADDRESS)) return -EFAULT;
  if (length <= 2 || length > LARGEST_ADDRESS || load<u16>(address) != AF_UNIX) return -EINVAL;
  return load<u8>(address, 2) == 0 ? -ECONNREFUSED : -ENOENT;
}

/** The kind of socket that arguments 0..2 ask for (SOCK_RAW is SOCK_DGRAM), or -errno. */
function checkType(self: Task): Outcome {
  const family = self.argInt(0);
  const type = self.argInt(1) & TYPE_MASK;
  if ((self.argInt(1) & ~(TYPE_MASK | SOCK_CLOEXEC | SOCK_NONBLOCK)) != 0) return -EINVAL;
  if (family < 0 || family >= FAMILIES) return -EAFNOSUPPORT;
  if (type >= TYPES) return -EINVAL;
  if (family != AF_UNIX) return -EAFNOSUPPORT;
  if (self.argInt(2) != 0 && self.argInt(2) != AF_UNIX) return -EPROTONOSUPPORT;
  if (type == SOCK_RAW) return SOCK_DGRAM;
  return type == SOCK_STREAM || type == SOCK_DGRAM || type == SOCK_SEQPACKET ? type : -ESOCKTNOSUPPORT;
}

function newSocket(self: Task, type: i32): UnixSocket {
  const flags = (self.argInt(1) & SOCK_NONBLOCK) != 0 ? O_NONBLOCK : 0;
  return new UnixSocket(type, flags, self.credentials.fsuid, self.credentials.fsgid);
}

/** The name of a socket without one: the family alone, cut to the caller's length. */
function storeUnnamed(self: Task): Outcome {
  if (copyIn(self.space, word, self.arg(2), 4) != 4) return -EFAULT;
  const room = load<i32>(word);
  if (room < 0) return -EINVAL;
  store<u16>(address, AF_UNIX);
  const length = min(room, 2);
  if (copyOut(self.space, self.arg(1), address, length) != <usize>length) return -EFAULT;
  store<i32>(word, 2);
  return copyOut(self.space, self.arg(2), word, 4) == 4 ? 0 : -EFAULT;
}
