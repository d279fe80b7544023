// SPDX-License-Identifier: MIT
// Control messages (cmsg(3)): files (SCM_RIGHTS) and credentials (SCM_CREDENTIALS) on their way out and in, as unix(7) has them.
//
//   struct cmsghdr:  | length u64, header included | level i32 | type i32 | data, padded to 8 bytes ... |

import { EBADF, EFAULT, EINVAL, ENOBUFS, ENOMEM, EPERM, ETOOMANYREFS } from "../abi/errno.ts";
import { CAP_SETGID, CAP_SETUID, CAP_SYS_ADMIN, CAP_SYS_RESOURCE } from "../abi/prctl.ts";
import { RLIMIT_NOFILE } from "../abi/resource.ts";
import { MSG_CTRUNC, SCM_CREDENTIALS, SCM_RIGHTS, SOL_SOCKET } from "../abi/socket.ts";
import { filesInFlight } from "../file/in-flight.ts";
import { received } from "../file/received.ts";
import { Rights } from "../file/rights.ts";
import { UnixSocket } from "../file/unix-socket.ts";
import { MAX_CONTROL } from "../lib/limits.ts";
import { Outcome } from "../lib/outcome.ts";
import { admit } from "../memory/heap.ts";
import { copyIn, copyOut, writeUser } from "../memory/user.ts";
import { Task } from "../process/task.ts";

const HEADER_SIZE: u64 = 16;
const CREDENTIALS_SIZE: u64 = 12;

/** struct ucred of who sends: the caller fills in its own, SCM_CREDENTIALS may replace it. */
export const SENDER = memory.data(12, 4);
const cmsg = memory.data(32, 8);
const word = memory.data(4, 4);

let rights: Rights | null = null;

/** What decodeControl() found, with its reference, once. */
export function decodedRights(): Rights | null {
  const decoded = rights;
  rights = null;
  return decoded;
}

/** Reads the control messages of a sendmsg(2): 0 or -errno. The files are in decodedRights() even after an error. */
export function decodeControl(self: Task, address: u64, length: u64): Outcome {
  if (length > MAX_CONTROL) return -ENOBUFS;
  let offset: u64 = 0;
  while (offset + HEADER_SIZE <= length) {
    if (copyIn(self.space, cmsg, address + offset, <usize>HEADER_SIZE) != <usize>HEADER_SIZE) return -EFAULT;
    const size = load<u64>(cmsg);
    if (size < HEADER_SIZE || size > length - offset) return -EINVAL;
    const outcome = decodeOne(self, address + offset + HEADER_SIZE, size - HEADER_SIZE);
    if (outcome < 0) return outcome;
    offset += align(size);
  }
  return 0;
}

function decodeOne(self: Task, data: u64, size: u64): Outcome {
  if (load<i32>(cmsg, 8) != SOL_SOCKET) return 0;
  const type = load<i32>(cmsg, 12);
  if (type == SCM_RIGHTS) return decodeRights(self, data, size);
  return type == SCM_CREDENTIALS ? decodeCredentials(self, data, size) : -EINVAL;
}

function decodeRights(self: Task, data: u64, size: u64): Outcome {
  if (rights == null) {
    if (!admit()) return -ENOMEM;
    rights = new Rights();
  }
  for (let i: u64 = 0; i < size >> 2; i++) {
    if (copyIn(self.space, word, data + (i << 2), 4) != 4) return -EFAULT;
    const file = self.files.get(load<i32>(word));
    if (file == null) return -EBADF;
    if (!rights!.add(file)) return -EINVAL;
  }
  return mayFly(self) ? 0 : -ETOOMANYREFS;
}

/** Files in flight are counted against RLIMIT_NOFILE, of all senders together (unix(7), ETOOMANYREFS). */
function mayFly(self: Task): bool {
  if (<u64>filesInFlight <= self.process.limit(RLIMIT_NOFILE)) return true;
  return self.credentials.has(CAP_SYS_RESOURCE) || self.credentials.has(CAP_SYS_ADMIN);
}

/** A sender can claim to be what it could become (unix(7), SCM_CREDENTIALS). */
function decodeCredentials(self: Task, data: u64, size: u64): Outcome {
  if (size != CREDENTIALS_SIZE) return -EINVAL;
  if (copyIn(self.space, SENDER, data, <usize>size) != <usize>size) return -EFAULT;
  const own = self.credentials;
  const uid = load<u32>(SENDER, 4);
  const gid = load<u32>(SENDER, 8);
  const isPid = load<i32>(SENDER) == self.process.pid || own.has(CAP_SYS_ADMIN);
  const isUser = uid == own.uid || uid == own.euid || uid == own.suid || own.has(CAP_SETUID);
  const isGroup = gid == own.gid || gid == own.egid || gid == own.sgid || own.has(CAP_SETGID);
  return isPid && isUser && isGroup ? 0 : -EPERM;
}

/** Bytes of control data that storeControl() wrote. */
export let controlStored: u64 = 0;

/** Stores what came with a message, as far as there is room; MSG_CTRUNC for what had none, and what faults is left out. */
export function storeControl(self: Task, socket: UnixSocket, address: u64, room: u64, files: Rights | null, closeOnExec: bool): u32 {
  controlStored = 0;
  let flags: u32 = 0;
  if (socket.passesCredentials && received.hasSender) flags |= storeCredentials(self, address, room);
  if (files != null) flags |= storeRights(self, address + controlStored, room - controlStored, files, closeOnExec);
  return flags;
}

function storeCredentials(self: Task, address: u64, room: u64): u32 {
  if (address == 0 || room < HEADER_SIZE) return MSG_CTRUNC;
  const size = min(room, HEADER_SIZE + CREDENTIALS_SIZE);
  store<u64>(cmsg, size);
  store<i32>(cmsg, SOL_SOCKET, 8);
  store<i32>(cmsg, SCM_CREDENTIALS, 12);
  store<i32>(cmsg, received.pid, 16);
  store<u32>(cmsg, received.uid, 20);
  store<u32>(cmsg, received.gid, 24);
  if (copyOut(self.space, address, cmsg, <usize>size) != <usize>size) return 0;
  controlStored = min(room, align(size));
  return size < HEADER_SIZE + CREDENTIALS_SIZE ? MSG_CTRUNC : 0;
}

/** Installs as many files as there is room for, and says which; the rest are lost. */
function storeRights(self: Task, address: u64, room: u64, files: Rights, closeOnExec: bool): u32 {
  const fitting = address == 0 || room < HEADER_SIZE ? 0 : <i32>min((room - HEADER_SIZE) >> 2, <u64>files.count);
  const limit = self.process.limit(RLIMIT_NOFILE);
  let count = 0;
  for (; count < fitting; count++) {
    const fd = self.files.install(files.get(count), 0, limit, closeOnExec);
    if (fd < 0) break;
    if (!writeUser<i32>(self.space, address + HEADER_SIZE + (<u64>count << 2), fd)) {
      self.files.close(fd);
      break;
    }
  }
  if (count > 0) {
    const size = HEADER_SIZE + (<u64>count << 2);
    store<u64>(cmsg, size);
    store<i32>(cmsg, SOL_SOCKET, 8);
    store<i32>(cmsg, SCM_RIGHTS, 12);
    if (copyOut(self.space, address, cmsg, <usize>HEADER_SIZE) == <usize>HEADER_SIZE) controlStored += min(room, align(size));
  }
  return count < files.count ? MSG_CTRUNC : 0;
}

function align(size: u64): u64 {
  return (size + 7) & ~7;
}
