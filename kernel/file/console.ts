// SPDX-License-Identifier: MIT
// The machine's console: what the host gives is read, what is written goes to the host, as standard output or standard error.
// Where the host says that a stream is a terminal it answers as one; otherwise it looks like the pipe it is. There is no line
// discipline here: the host's terminal edits and echoes, and keys that mean signals arrive through consoleSignal().

import { CONSOLE_CANONICAL, CONSOLE_CR_TO_NL, CONSOLE_SIGNALS } from "../abi/boundary.ts";
import { EAGAIN, EFAULT, EINVAL, ENOTTY } from "../abi/errno.ts";
import { O_RDONLY, O_RDWR, O_WRONLY } from "../abi/fcntl.ts";
import { FIONREAD, TCGETS, TCGETS2, TCSETS, TCSETS2, TCSETSF, TCSETSF2, TCSETSW, TCSETSW2, TIOCGPGRP, TIOCGSID, TIOCGWINSZ, TIOCSPGRP, TIOCSWINSZ } from "../abi/ioctl.ts";
import { POLLHUP, POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM } from "../abi/poll.ts";
import { S_IFCHR, S_IFIFO } from "../abi/stat.ts";
import { consoleWrite } from "../host.ts";
import { BLOCKED, Outcome } from "../lib/outcome.ts";
import { AddressSpace } from "../memory/address-space.ts";
import { UserBuffer } from "../memory/user-buffer.ts";
import { copyIn, copyOut, writeUser } from "../memory/user.ts";
import { writeAscii } from "./anon-inode.ts";
import { Attributes, PIPE_DEVICE } from "./attributes.ts";
import { File } from "./file.ts";
import { bracketed } from "./pipe-file.ts";
import { Pipe } from "./pipe.ts";
import { Sleeper } from "./wait-queue.ts";

/** /dev/console: major 5, minor 1. */
export const CONSOLE_DEVICE: u64 = (5 << 8) | 1;
/** Where devfs lives has device 0:6 on Linux. */
const DEVFS_DEVICE: u64 = 6;
const BOUNCE_SIZE: usize = 4096;
const bounce = memory.data(4096, 8);

/** The kernel's struct termios: four flag words, the line discipline and 19 control characters. termios2 adds two speeds. */
const TERMIOS_SIZE: usize = 36;
const TERMIOS2_SIZE: usize = 44;
const C_IFLAG: usize = 0;
const C_LFLAG: usize = 12;
const C_CC_VINTR: usize = 17;
const ICRNL: u32 = 0x100;
const ISIG: u32 = 1;
const ICANON: u32 = 2;
const CTRL_C: u8 = 3;
const termios = memory.data<u8>([
  0x00, 0x05, 0, 0, // c_iflag: ICRNL IXON
  0x05, 0x00, 0, 0, // c_oflag: OPOST ONLCR
  0xbf, 0x00, 0, 0, // c_cflag: B38400 CS8 CREAD
  0x3b, 0x8a, 0, 0, // c_lflag: ISIG ICANON ECHO ECHOE ECHOK ECHOCTL ECHOKE IEXTEN
  0, 0x03, 0x1c, 0x7f, 0x15, 0x04, 0, 1, 0, 0x11, 0x13, 0x1a, 0, 0x12, 0x0f, 0x17, 0x16, 0, 0, 0,
  0x00, 0x96, 0, 0, // 38400 in,
  0x00, 0x96, 0, 0, // and out
]);
/** struct winsize: rows, columns, and two sizes in pixels that nobody knows. */
const WINSIZE_SIZE: usize = 8;
const winsize = memory.data<u16>([24, 80, 0, 0]);

/** The host is the writer of this pipe. */
const input = new Pipe(new Attributes(PIPE_DEVICE, S_IFIFO | 0o600, 0, 0));
const outputAttributes = new Attributes(PIPE_DEVICE, S_IFIFO | 0o600, 0, 0);
const errorAttributes = new Attributes(PIPE_DEVICE, S_IFIFO | 0o600, 0, 0);
const terminalAttributes = new Attributes(DEVFS_DEVICE, S_IFCHR | 0o620, 0, 5);
terminalAttributes.rdev = CONSOLE_DEVICE;

/** Bit per stream 0..2: it is a terminal. */
let terminals: u32 = 0;
let isInputOver: bool = false;
let foregroundGroup: i32 = 1;

/** At boot: which of the streams 0, 1 and 2 are terminals, one bit each. */
export function setConsoleTerminals(streams: u32): void {
  terminals = streams;
  input.attributes!.stamp();
  outputAttributes.stamp();
  errorAttributes.stamp();
  terminalAttributes.stamp();
}

/** Bytes for standard input; how many there was room for. */
export function giveConsoleInput(from: usize, length: usize): i32 {
  if (isInputOver || length == 0) return 0;
  const taken = input.put(UserBuffer.ofKernel(from, length), false, true);
  if (taken > 0) input.readable.wake();
  return <i32>max(taken, 0);
}

/** End of file after what was given. */
export function endConsoleInput(): void {
  isInputOver = true;
  input.readable.wake();
}

export function resizeConsole(rows: u16, columns: u16): void {
  store<u16>(winsize, rows);
  store<u16>(winsize, columns, 2);
}

/** What programs have asked of the terminal, CONSOLE_*: the host's terminal follows. */
export function consoleMode(): i32 {
  const local = load<u32>(termios, C_LFLAG);
  let mode = 0;
  if ((local & ICANON) != 0) mode |= CONSOLE_CANONICAL;
  if ((local & ISIG) != 0 && load<u8>(termios, C_CC_VINTR) == CTRL_C) mode |= CONSOLE_SIGNALS;
  if ((load<u32>(termios, C_IFLAG) & ICRNL) != 0) mode |= CONSOLE_CR_TO_NL;
  return mode;
}

/** Whether somebody sleeps until there is input. */
export function hasConsoleReaders(): bool {
  return !input.readable.isEmpty;
}

/** The process group that keys send signals to (TIOCSPGRP); at first that of pid 1. */
export function consoleForegroundGroup(): i32 {
  return foregroundGroup;
}

/** At power-off: drops input that nobody read. */
export function dropConsoleInput(): void {
  input.reset();
}

/** Standard stream 0, 1 or 2 as pid 1 finds it, with one reference. Preceded by admit(). */
export function openStandardStream(stream: i32): File {
  if (isTerminal(stream)) return new ConsoleFile(stream, O_RDWR);
  return new ConsoleFile(stream, stream == 0 ? O_RDONLY : O_WRONLY);
}

/** /dev/console as a program opens it: always a terminal to the eye. */
export function openConsole(flags: i32): File {
  const file = new ConsoleFile(1, flags);
  file.isDevice = true;
  return file;
}

function isTerminal(stream: i32): bool {
  return ((terminals >> stream) & 1) != 0;
}

class ConsoleFile extends File {
  /** Opened by name: attributes come from the device's inode. */
  isDevice: bool = false;

  constructor(
    private stream: i32,
    flags: i32,
  ) {
    super(flags);
  }

  private get isTerminal(): bool {
    return this.isDevice ? terminals != 0 : isTerminal(this.stream);
  }

  reopen(flags: i32): File | null {
    return new ConsoleFile(this.stream, flags);
  }

  read(self: Sleeper, buffer: UserBuffer): Outcome {
    if (buffer.left == 0) return 0;
    if (!input.isEmpty) return input.take(buffer);
    if (isInputOver) return 0;
    if (this.isNonBlocking) return -EAGAIN;
    input.readable.add(self);
    return BLOCKED;
  }

  write(self: Sleeper, buffer: UserBuffer): Outcome {
    let done: i64 = 0;
    while (buffer.left > 0) {
      const part = <usize>min(buffer.left, <u64>BOUNCE_SIZE);
      const moved = buffer.copyIn(bounce, part);
      if (moved > 0) consoleWrite(this.stream == 2 ? 2 : 1, bounce, moved);
      done += moved;
      if (moved < part) return done > 0 ? done : -EFAULT;
    }
    return done;
  }

  poll(self: Sleeper | null): u32 {
    let events: u32 = 0;
    if (this.isReadable) {
      if (!input.isEmpty) events |= POLLIN | POLLRDNORM;
      else if (isInputOver) events |= this.isTerminal ? POLLIN | POLLRDNORM | POLLHUP : POLLHUP;
      if (self != null) input.readable.add(self);
    }
    if (this.isWritable) events |= POLLOUT | POLLWRNORM;
    return events;
  }

  ioctl(self: Sleeper, space: AddressSpace, request: u32, argument: u64): Outcome {
    if (request == FIONREAD && this.isReadable) return stored(writeUser<i32>(space, argument, <i32>input.length));
    if (!this.isTerminal) return -ENOTTY;
    switch (request) {
      case TCGETS:
        return stored(copyOut(space, argument, termios, TERMIOS_SIZE) == TERMIOS_SIZE);
      case TCSETS:
      case TCSETSW:
      case TCSETSF:
        return stored(copyIn(space, termios, argument, TERMIOS_SIZE) == TERMIOS_SIZE);
      case TCGETS2:
        return stored(copyOut(space, argument, termios, TERMIOS2_SIZE) == TERMIOS2_SIZE);
      case TCSETS2:
      case TCSETSW2:
      case TCSETSF2:
        return stored(copyIn(space, termios, argument, TERMIOS2_SIZE) == TERMIOS2_SIZE);
      case TIOCGWINSZ:
        return stored(copyOut(space, argument, winsize, WINSIZE_SIZE) == WINSIZE_SIZE);
      case TIOCSWINSZ:
        return stored(copyIn(space, winsize, argument, WINSIZE_SIZE) == WINSIZE_SIZE);
      case TIOCGPGRP:
        return stored(writeUser<i32>(space, argument, foregroundGroup));
      case TIOCGSID:
        return stored(writeUser<i32>(space, argument, 1));
      case TIOCSPGRP:
        return setForegroundGroup(space, argument);
      default:
        return -ENOTTY;
    }
  }

  attributes(): Attributes | null {
    if (this.isDevice) return null;
    if (isTerminal(this.stream)) return terminalAttributes;
    return this.stream == 0 ? input.attributes : this.stream == 1 ? outputAttributes : errorAttributes;
  }

  nameless(out: usize): usize {
    const attributes = this.attributes();
    if (attributes == null) return 0;
    return attributes == terminalAttributes ? writeAscii(out, "/dev/console") : bracketed(out, "pipe:[", attributes.inode);
  }
}

function setForegroundGroup(space: AddressSpace, argument: u64): Outcome {
  if (copyIn(space, bounce, argument, 4) != 4) return -EFAULT;
  const group = load<i32>(bounce);
  if (group < 0) return -EINVAL;
  foregroundGroup = group;
  return 0;
}

function stored(isDone: bool): Outcome {
  return isDone ? 0 : -EFAULT;
}
