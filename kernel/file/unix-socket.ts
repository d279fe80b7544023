// SPDX-License-Identifier: MIT
// AF_UNIX sockets that are connected in pairs (unix(7)): streams, datagrams and sequenced packets, with files and credentials
// on board. A message is charged to its sender until the receiver has taken it. Names (bind, listen, connect) are not here.

import { EAGAIN, ECONNREFUSED, ECONNRESET, EFAULT, EINVAL, EMSGSIZE, ENOTCONN, ENOTTY, EPIPE } from "../abi/errno.ts";
import { O_NONBLOCK, O_RDWR } from "../abi/fcntl.ts";
import { FIONREAD, TIOCOUTQ } from "../abi/ioctl.ts";
import { POLLERR, POLLHUP, POLLIN, POLLOUT, POLLRDHUP, POLLRDNORM, POLLWRBAND, POLLWRNORM } from "../abi/poll.ts";
import { MSG_DONTWAIT, MSG_NOSIGNAL, MSG_PEEK, MSG_TRUNC, MSG_WAITALL, SOCK_DGRAM, SOCK_SEQPACKET, SOCK_STREAM } from "../abi/socket.ts";
import { S_IFSOCK } from "../abi/stat.ts";
import { now } from "../lib/clock.ts";
import { SOCKET_BUFFER } from "../lib/limits.ts";
import { BLOCKED, Outcome } from "../lib/outcome.ts";
import { AddressSpace } from "../memory/address-space.ts";
import { free } from "../memory/heap.ts";
import { UserBuffer } from "../memory/user-buffer.ts";
import { writeUser } from "../memory/user.ts";
import { Attributes, SOCKET_DEVICE } from "./attributes.ts";
import { File } from "./file.ts";
import { MessageQueue } from "./message-queue.ts";
import { bracketed } from "./pipe-file.ts";
import { received } from "./received.ts";
import { Rights } from "./rights.ts";
import { Message, STREAM_PART } from "./unix-message.ts";
import { INTERRUPT, Sleeper, WaitQueue } from "./wait-queue.ts";


// Bits of `closed`.
export const CLOSED_FOR_READING: u32 = 1;
export const CLOSED_FOR_WRITING: u32 = 2;
const CLOSED: u32 = 3;

/** The two ends of a pair know each other (borrowed) until one is closed. */
export class UnixSocket extends File {
  peer: UnixSocket | null = null;
  /** It was connected, whatever became of the peer. */
  isConnected: bool = false;
  closed: u32 = 0;
  /** SO_ERROR: reported once. */
  error: i32 = 0;
  passesCredentials: bool = false;
  sendBuffer: u32 = SOCKET_BUFFER;
  receiveBuffer: u32 = SOCKET_BUFFER;
  /** SO_RCVTIMEO, SO_SNDTIMEO in ns; 0 waits for ever. */
  receiveTimeoutNs: i64 = 0;
  sendTimeoutNs: i64 = 0;
  /** SO_PEERCRED. */
  peerPid: i32 = 0;
  peerUid: u32 = 0xffffffff;
  peerGid: u32 = 0xffffffff;

  // in-flight.ts
  flights: i32 = 0;
  flightsFromCandidates: i32 = 0;
  isCandidate: bool = false;
  nextInFlight: UnixSocket | null = null;
  previousInFlight: UnixSocket | null = null;
  nextReachable: UnixSocket | null = null;

  /** What was sent to this end and not received yet. Owned. */
  readonly queue: MessageQueue = new MessageQueue();
  private readable: WaitQueue = new WaitQueue();
  private writable: WaitQueue = new WaitQueue();
  private ownAttributes: Attributes;

  /** `type`: SOCK_STREAM, SOCK_DGRAM or SOCK_SEQPACKET. */
  constructor(
    public type: i32,
    flags: i32,
    uid: u32,
    gid: u32,
  ) {
    super(O_RDWR | (flags & O_NONBLOCK));
    this.isSocket = true;
    this.ownAttributes = new Attributes(SOCKET_DEVICE, S_IFSOCK | 0o777, uid, gid);
  }

  /** Connects two new sockets; struct ucred of who does it stands at `credentials`. */
  static connect(one: UnixSocket, other: UnixSocket, credentials: usize): void {
    one.join(other, credentials);
    other.join(one, credentials);
  }

  private join(peer: UnixSocket, credentials: usize): void {
    this.peer = peer;
    this.isConnected = true;
    this.peerPid = load<i32>(credentials);
    this.peerUid = load<u32>(credentials, 4);
    this.peerGid = load<u32>(credentials, 8);
  }

  get isStream(): bool {
    return this.type == SOCK_STREAM;
  }

  read(self: Sleeper, buffer: UserBuffer): Outcome {
    if (buffer.left == 0) return 0;
    const outcome = this.receive(self, buffer, 0);
    const rights = received.rights;
    received.rights = null;
    if (rights != null) rights.letGo();
    return outcome;
  }

  write(self: Sleeper, buffer: UserBuffer): Outcome {
    self.identify(SENDER);
    return this.send(self, buffer, 0, null, SENDER);
  }

  /** sendmsg(2). `rights` (borrowed) fly with the first byte or the datagram; struct ucred of the sender stands at `sender`. */
  send(self: Sleeper, buffer: UserBuffer, flags: u32, rights: Rights | null, sender: usize): Outcome {
    if (!this.isConnected) return -ENOTCONN;
    return this.isStream ? this.sendStream(self, buffer, flags, rights, sender) : this.sendPacket(self, buffer, flags, rights, sender);
  }

  /** recvmsg(2); what came with the bytes is in `received`. */
  receive(self: Sleeper, buffer: UserBuffer, flags: u32): Outcome {
    received.clear();
    if (this.type != SOCK_DGRAM && !this.isConnected) return this.isStream ? -EINVAL : -ENOTCONN;
    return this.isStream ? this.receiveStream(self, buffer, flags) : this.receivePacket(self, buffer, flags);
  }

  private sendStream(self: Sleeper, buffer: UserBuffer, flags: u32, rights: Rights | null, sender: usize): Outcome {
    buffer.skip(self.progress);
    while (true) {
      const peer = this.peer;
      if ((this.closed & CLOSED_FOR_WRITING) != 0 || peer == null || (peer.closed & CLOSED_FOR_READING) != 0) {
        if (self.progress > 0) return self.progress;
        if ((flags & MSG_NOSIGNAL) == 0) self.brokenPipe = true;
        return -EPIPE;
      }
      if (buffer.left == 0) return self.progress;
      if (peer.queue.charge >= this.sendBuffer) return this.wait(self, this.writable, flags, this.sendTimeoutNs);
      const part = <usize>min(min(buffer.left, STREAM_PART), <u64>(this.sendBuffer / 2 - 64));
      const outcome = peer.queue.add(buffer, part, self.progress == 0 ? rights : null, sender, true);
      if (outcome < 0) return self.progress > 0 ? self.progress : outcome;
      peer.readable.wake();
      self.progress += part;
    }
  }

  private sendPacket(self: Sleeper, buffer: UserBuffer, flags: u32, rights: Rights | null, sender: usize): Outcome {
    const length = buffer.left;
    if (length > <u64>this.sendBuffer - 32) return -EMSGSIZE;
    const error = this.takeError();
    if (error != 0) return error;
    if ((this.closed & CLOSED_FOR_WRITING) != 0) return -EPIPE;
    const peer = this.peer;
    if (peer == null) {
      this.disconnect();
      return -ECONNREFUSED;
    }
    if (peer.queue.charge >= this.sendBuffer) return this.wait(self, this.writable, flags, this.sendTimeoutNs);
    if ((peer.closed & CLOSED_FOR_READING) != 0) return -EPIPE;
    const outcome = peer.queue.add(buffer, <usize>length, rights, sender, false);
    if (outcome < 0) return outcome;
    peer.readable.wake();
    return <i64>length;
  }

  /** A datagram socket learns that its peer is gone: what had come from there is lost. */
  private disconnect(): void {
    this.isConnected = false;
    this.queue.clear();
  }

  private receiveStream(self: Sleeper, buffer: UserBuffer, flags: u32): Outcome {
    const isPeek = (flags & MSG_PEEK) != 0;
    buffer.skip(self.progress);
    const outcome = this.takeStream(self, buffer, isPeek);
    if (outcome < 0) return outcome;
    // MSG_WAITALL goes on only where the bytes ended; files, another sender or a fault end it as well.
    const isEnough = (flags & MSG_WAITALL) == 0 || buffer.left == 0 || received.rights != null || !this.queue.isEmpty;
    if (self.progress > 0 && isEnough) return self.progress;
    if (!this.queue.isEmpty) return 0; // nothing was asked for
    const error = this.takeError();
    if (error != 0) return self.progress > 0 ? self.progress : error;
    if ((this.closed & CLOSED_FOR_READING) != 0) return self.progress;
    return this.wait(self, this.readable, flags, this.receiveTimeoutNs);
  }

  /** Moves what is there, across messages up to one with files or of another sender; -EFAULT when the first one faults. */
  private takeStream(self: Sleeper, buffer: UserBuffer, isPeek: bool): Outcome {
    let message = this.queue.first;
    while (message != null && buffer.left > 0) {
      if (this.passesCredentials && received.hasSender && !received.isFrom(message)) break;
      const part = <usize>min(buffer.left, <u64>message.left);
      // As on Linux, what a fault cuts short inside one message does not count and stays.
      if (message.copyTo(buffer, part) < part) return self.progress > 0 ? 0 : -EFAULT;
      self.progress += part;
      received.noteSender(message);
      this.takeRights(message, isPeek);
      if (!isPeek) {
        message.consumed += part;
        this.queue.bytes -= part;
      }
      if (received.rights != null && (isPeek || message.left > 0)) break;
      const next: Message | null = message.next;
      if (!isPeek && message.left == 0) this.consumeFirst();
      if (received.rights != null) break;
      message = next;
    }
    return 0;
  }

  private receivePacket(self: Sleeper, buffer: UserBuffer, flags: u32): Outcome {
    const message = this.queue.first;
    if (message == null) return this.waitForPacket(self, flags);
    const isPeek = (flags & MSG_PEEK) != 0;
    const length = message.length;
    const part = <usize>min(buffer.left, <u64>length);
    const moved = message.copyTo(buffer, part);
    received.isTruncated = part < length;
    received.noteSender(message);
    if (moved == part) this.takeRights(message, isPeek);
    if (!isPeek) {
      this.queue.bytes -= length;
      this.consumeFirst();
    }
    if (moved < part) return -EFAULT;
    return (flags & MSG_TRUNC) != 0 ? <i64>length : <i64>part;
  }

  private waitForPacket(self: Sleeper, flags: u32): Outcome {
    const error = this.takeError();
    if (error != 0) return error;
    const isOver = (this.closed & CLOSED_FOR_READING) != 0;
    const mayWait = !this.isNonBlocking && (flags & MSG_DONTWAIT) == 0;
    if (isOver && (mayWait || this.type == SOCK_SEQPACKET)) return 0;
    return this.wait(self, this.readable, flags, this.receiveTimeoutNs);
  }

  /** The files of a message go to its first reader; one who only peeks gets them too, and leaves them. */
  private takeRights(message: Message, isPeek: bool): void {
    const rights = message.rights;
    if (rights == null) return;
    if (isPeek) {
      rights.retain();
    } else {
      message.rights = null;
      rights.land();
    }
    received.rights = rights;
  }

  private wait(self: Sleeper, queue: WaitQueue, flags: u32, timeoutNs: i64): Outcome {
    const isOver = timeoutNs > 0 && self.timedOut(now(), timeoutNs);
    if (timeoutNs > 0) self.onSignal = INTERRUPT; // signal(7): with a timeout it is never restarted
    if (isOver || this.isNonBlocking || (flags & MSG_DONTWAIT) != 0) return self.progress > 0 ? self.progress : -EAGAIN;
    queue.add(self);
    return BLOCKED;
  }

  /** SO_ERROR as -errno, once; 0 for none. */
  takeError(): Outcome {
    const error = this.error;
    this.error = 0;
    return -error;
  }

  /** shutdown(2): `how` in bits of `closed`. The other end of a connection learns of it. */
  close(how: u32): void {
    this.closed |= how;
    const peer = this.peer;
    if (peer != null && this.type != SOCK_DGRAM) {
      if ((how & CLOSED_FOR_READING) != 0) peer.closed |= CLOSED_FOR_WRITING;
      if ((how & CLOSED_FOR_WRITING) != 0) peer.closed |= CLOSED_FOR_READING;
      peer.wakeAll();
    }
    this.wakeAll();
  }

  poll(self: Sleeper | null): u32 {
    if (self != null) {
      this.readable.add(self);
      this.writable.add(self);
    }
    let events: u32 = this.error != 0 ? POLLERR : 0;
    if (this.closed == CLOSED || (!this.isConnected && this.type != SOCK_DGRAM)) events |= POLLHUP;
    if ((this.closed & CLOSED_FOR_READING) != 0) events |= POLLRDHUP | POLLIN | POLLRDNORM;
    if (!this.queue.isEmpty) events |= POLLIN | POLLRDNORM;
    if (this.sentCharge * 4 <= this.sendBuffer) events |= POLLOUT | POLLWRNORM | POLLWRBAND;
    return events;
  }

  ioctl(self: Sleeper, space: AddressSpace, request: u32, argument: u64): Outcome {
    let value: u64;
    if (request == FIONREAD) value = this.type == SOCK_DGRAM && !this.queue.isEmpty ? this.queue.first!.length : this.queue.bytes;
    else if (request == TIOCOUTQ) value = this.sentCharge;
    else return -ENOTTY;
    return writeUser<i32>(space, argument, <i32>value) ? 0 : -EFAULT;
  }

  attributes(): Attributes | null {
    return this.ownAttributes;
  }

  nameless(out: usize): usize {
    return bracketed(out, "socket:[", this.ownAttributes.inode);
  }

  destroy(): void {
    const peer = this.peer;
    this.peer = null;
    if (peer != null) {
      peer.peer = null;
      if (this.type != SOCK_DGRAM) {
        peer.closed = CLOSED;
        if (!this.queue.isEmpty) peer.error = ECONNRESET;
      }
      peer.wakeAll();
    }
    this.queue.clear();
    free(this.queue);
    this.readable.close();
    this.writable.close();
    free(this.ownAttributes);
    super.destroy();
  }

  /** What this end has sent and the other has not taken. */
  private get sentCharge(): u32 {
    const peer = this.peer;
    return peer == null ? 0 : peer.queue.charge;
  }

  /** The first message was received: the peer may send again. */
  private consumeFirst(): void {
    this.queue.dropFirst();
    const peer = this.peer;
    if (peer != null) peer.writable.wake();
  }

  private wakeAll(): void {
    this.readable.wake();
    this.writable.wake();
  }
}

/** struct ucred of who calls write(2). */
const SENDER = memory.data(12, 4);
