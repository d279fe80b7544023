// SPDX-License-Identifier: MIT
// getsockopt(2) and setsockopt(2) at level SOL_SOCKET (socket(7), unix(7)).

import { EDOM, EFAULT, EINVAL, ENOPROTOOPT, EOPNOTSUPP } from "../abi/errno.ts";
import {
  AF_UNIX, SO_ACCEPTCONN, SO_DOMAIN, SO_ERROR, SO_PASSCRED, SO_PEERCRED, SO_PROTOCOL, SO_RCVBUF, SO_RCVTIMEO, SO_SNDBUF, SO_SNDTIMEO, SO_TYPE,
  SOL_SOCKET,
} from "../abi/socket.ts";
import { UnixSocket } from "../file/unix-socket.ts";
import { failure } from "../lib/failure.ts";
import { SOCKET_BUFFER } from "../lib/limits.ts";
import { Outcome } from "../lib/outcome.ts";
import { copyIn, copyOut } from "../memory/user.ts";
import { Task } from "../process/task.ts";
import { socketOf } from "./socket.ts";

const SECOND_NS: i64 = 1_000_000_000;
const MICROSECOND_NS: i64 = 1000;
/** Smallest buffers, as Linux counts them. */
const LEAST_SEND_BUFFER: u32 = 4608;
const LEAST_RECEIVE_BUFFER: u32 = 2304;

const LENGTH = memory.data(4, 4);
const VALUE = memory.data(16, 8);

export function sysGetsockopt(self: Task): Outcome {
  const socket = socketOf(self, self.argInt(0));
  if (socket == null) return failure;
  if (self.argInt(1) != SOL_SOCKET) return -EOPNOTSUPP;
  if (copyIn(self.space, LENGTH, self.arg(4), 4) != 4) return -EFAULT;
  const room = load<i32>(LENGTH);
  if (room < 0) return -EINVAL;
  const size = readOption(socket, self.argInt(2));
  if (size < 0) return size;
  const length = min<i32>(room, <i32>size);
  if (copyOut(self.space, self.arg(3), VALUE, length) != <usize>length) return -EFAULT;
  store<i32>(LENGTH, length);
  return copyOut(self.space, self.arg(4), LENGTH, 4) == 4 ? 0 : -EFAULT;
}

export function sysSetsockopt(self: Task): Outcome {
  const socket = socketOf(self, self.argInt(0));
  if (socket == null) return failure;
  if (self.argInt(1) != SOL_SOCKET) return -EOPNOTSUPP;
  const option = self.argInt(2);
  const isTimeout = option == SO_RCVTIMEO || option == SO_SNDTIMEO;
  const size: usize = isTimeout ? 16 : 4;
  if (self.argInt(4) < <i32>size) return -EINVAL;
  if (copyIn(self.space, VALUE, self.arg(3), size) != size) return -EFAULT;
  return isTimeout ? setTimeout(socket, option) : setNumber(socket, option, load<i32>(VALUE));
}

/** Puts the option into VALUE; its size or -errno. */
function readOption(socket: UnixSocket, option: i32): Outcome {
  switch (option) {
    case SO_PEERCRED:
      store<i32>(VALUE, socket.peerPid);
      store<u32>(VALUE, socket.peerUid, 4);
      store<u32>(VALUE, socket.peerGid, 8);
      return 12;
    case SO_RCVTIMEO:
      return storeTimeout(socket.receiveTimeoutNs);
    case SO_SNDTIMEO:
      return storeTimeout(socket.sendTimeoutNs);
    default: {
      const value = numberOf(socket, option);
      store<i32>(VALUE, <i32>value);
      return value < 0 ? value : 4;
    }
  }
}

function numberOf(socket: UnixSocket, option: i32): i64 {
  switch (option) {
    case SO_TYPE:
      return socket.type;
    case SO_ERROR:
      return -socket.takeError();
    case SO_DOMAIN:
      return AF_UNIX;
    case SO_PROTOCOL:
    case SO_ACCEPTCONN:
      return 0;
    case SO_PASSCRED:
      return socket.passesCredentials ? 1 : 0;
    case SO_SNDBUF:
      return socket.sendBuffer;
    case SO_RCVBUF:
      return socket.receiveBuffer;
    default:
      return -ENOPROTOOPT;
  }
}

function setNumber(socket: UnixSocket, option: i32, value: i32): Outcome {
  switch (option) {
    case SO_PASSCRED:
      socket.passesCredentials = value != 0;
      return 0;
    case SO_SNDBUF:
      socket.sendBuffer = max(min(<u32>value, SOCKET_BUFFER) * 2, LEAST_SEND_BUFFER);
      return 0;
    case SO_RCVBUF:
      socket.receiveBuffer = max(min(<u32>value, SOCKET_BUFFER) * 2, LEAST_RECEIVE_BUFFER);
      return 0;
    default:
      return -ENOPROTOOPT;
  }
}

/** struct timeval in VALUE; zero waits for ever. */
function setTimeout(socket: UnixSocket, option: i32): Outcome {
  const seconds = load<i64>(VALUE);
  const microseconds = load<i64>(VALUE, 8);
  if (microseconds < 0 || microseconds >= 1_000_000) return -EDOM;
  // A negative time means no waiting at all (Linux's sock_set_timeout).
  const isLong = seconds >= i64.MAX_VALUE / SECOND_NS - 1;
  const timeoutNs = seconds < 0 ? 1 : isLong ? 0 : seconds * SECOND_NS + microseconds * MICROSECOND_NS;
  if (option == SO_RCVTIMEO) socket.receiveTimeoutNs = timeoutNs;
  else socket.sendTimeoutNs = timeoutNs;
  return 0;
}

function storeTimeout(timeoutNs: i64): Outcome {
  store<i64>(VALUE, timeoutNs / SECOND_NS);
  store<i64>(VALUE, (timeoutNs % SECOND_NS) / MICROSECOND_NS, 8);
  return 16;
}
