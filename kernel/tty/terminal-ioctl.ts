// SPDX-License-Identifier: MIT
// ioctl_tty(2) for terminals and for masters of pseudo-terminals, which mean the terminal with most requests. What is about sessions
// and groups goes to the process layer (sessions.ts).

import { EFAULT, EINVAL, EIO, ENOTTY, EPERM } from "../abi/errno.ts";
import {
  FIONREAD, TCFLSH, TCGETS, TCGETS2, TCSBRK, TCSBRKP, TCSETS, TCSETS2, TCSETSF, TCSETSF2, TCSETSW, TCSETSW2, TCXONC, TIOCCBRK, TIOCEXCL,
  TIOCGDEV, TIOCGETD, TIOCGEXCL, TIOCGWINSZ, TIOCNXCL, TIOCOUTQ, TIOCSBRK, TIOCSETD, TIOCSTI, TIOCSWINSZ, TIOCVHANGUP,
} from "../abi/ioctl.ts";
import { SIGTTOU, SIGWINCH } from "../abi/signal.ts";
import {
  TCIFLUSH, TCIOFF, TCIOFLUSH, TCION, TCOFLUSH, TCOOFF, TCOON, TIOCPKT_FLUSHWRITE, VSTART, VSTOP,
} from "../abi/termios.ts";
import { File } from "../file/file.ts";
import { Sleeper } from "../file/wait-queue.ts";
import { Outcome } from "../lib/outcome.ts";
import { AddressSpace } from "../memory/address-space.ts";
import { UserBuffer } from "../memory/user-buffer.ts";
import { copyIn, copyOut, writeUser } from "../memory/user.ts";
import { changeSettings, flushInput, receiveArrived } from "./discipline.ts";
import { hangUp } from "./hang-up.ts";
import { startOutput, stopOutput } from "./output.ts";
import { sessions } from "./sessions.ts";
import { TERMIOS2_SIZE, TERMIOS_SIZE } from "./termios.ts";
import { Tty, WINSIZE_SIZE } from "./tty.ts";

/** The only line discipline, N_TTY. */
const N_TTY = 0;
const given = memory.data(48, 8);
const claim = new UserBuffer();

/** A request about `tty`, made through `file`. */
export function terminalIoctl(
  self: Sleeper, space: AddressSpace, tty: Tty, file: File, isMaster: bool, request: u32, argument: u64,
): Outcome {
  switch (request) {
    case TCGETS:
      return stored(copyOut(space, argument, tty.termios, TERMIOS_SIZE) == TERMIOS_SIZE);
    case TCGETS2:
      return stored(copyOut(space, argument, tty.termios, TERMIOS2_SIZE) == TERMIOS2_SIZE);
    case TCSETS:
    case TCSETSW:
      return setTermios(self, space, tty, argument, TERMIOS_SIZE, false);
    case TCSETSF:
      return setTermios(self, space, tty, argument, TERMIOS_SIZE, true);
    case TCSETS2:
    case TCSETSW2:
      return setTermios(self, space, tty, argument, TERMIOS2_SIZE, false);
    case TCSETSF2:
      return setTermios(self, space, tty, argument, TERMIOS2_SIZE, true);
    case TCFLSH:
      return flush(self, tty, argument);
    case TCXONC:
      return control(self, tty, argument);
    case TCSBRK:
    case TCSBRKP:
    case TIOCSBRK:
    case TIOCCBRK:
      return sessions().mayUse(self, tty, SIGTTOU); // output never waits in a device, and nobody sees a break
    case TIOCGWINSZ:
      return stored(copyOut(space, argument, tty.winsize, WINSIZE_SIZE) == WINSIZE_SIZE);
    case TIOCSWINSZ:
      if (copyIn(space, given, argument, WINSIZE_SIZE) != WINSIZE_SIZE) return -EFAULT;
      resizeTerminal(tty, given);
      return 0;
    case FIONREAD:
      return stored(writeUser<u32>(space, argument, tty.isCanonical ? tty.line.lineBytes : tty.line.count));
    case TIOCOUTQ:
      return stored(writeUser<u32>(space, argument, 0));
    case TIOCSTI:
      return simulateInput(self, space, tty, argument);
    case TIOCGETD:
      return stored(writeUser<i32>(space, argument, N_TTY));
    case TIOCSETD:
      if (copyIn(space, given, argument, 4) != 4) return -EFAULT;
      return load<i32>(given) == N_TTY ? 0 : -EINVAL;
    case TIOCEXCL:
    case TIOCNXCL:
      tty.isExclusive = request == TIOCEXCL;
      return 0;
    case TIOCGEXCL:
      return stored(writeUser<i32>(space, argument, tty.isExclusive ? 1 : 0));
    case TIOCGDEV:
      return stored(writeUser<u32>(space, argument, <u32>tty.device));
    case TIOCVHANGUP:
      if (!sessions().isAdministrator(self)) return -EPERM;
      hangUp(tty);
      return 0;
    default:
      return sessions().ioctl(self, space, tty, file.isReadable, isMaster, request, argument);
  }
}

/** Another size (a struct winsize in kernel memory): the foreground group hears of it by SIGWINCH. */
export function resizeTerminal(tty: Tty, size: usize): void {
  if (memory.compare(tty.winsize, size, WINSIZE_SIZE) == 0) return;
  memory.copy(tty.winsize, size, WINSIZE_SIZE);
  sessions().signalForeground(tty, SIGWINCH);
}

/** What a struct termios does not say (the speeds of a termios2) stays as it was. */
function setTermios(self: Sleeper, space: AddressSpace, tty: Tty, argument: u64, size: usize, flushes: bool): Outcome {
  const refused = sessions().mayUse(self, tty, SIGTTOU);
  if (refused != 0) return refused;
  memory.copy(given, tty.termios, TERMIOS2_SIZE);
  if (copyIn(space, given, argument, size) != size) return -EFAULT;
  if (flushes) flushInput(tty);
  changeSettings(tty, given);
  return 0;
}

/** tcflush(3) */
function flush(self: Sleeper, tty: Tty, queue: u64): Outcome {
  const refused = sessions().mayUse(self, tty, SIGTTOU);
  if (refused != 0) return refused;
  if (queue > <u64>TCIOFLUSH) return -EINVAL;
  if (queue != <u64>TCOFLUSH) flushInput(tty);
  if (queue != <u64>TCIFLUSH) tty.notify(<u8>TIOCPKT_FLUSHWRITE);
  return 0;
}

/** tcflow(3) */
function control(self: Sleeper, tty: Tty, action: u64): Outcome {
  const refused = sessions().mayUse(self, tty, SIGTTOU);
  if (refused != 0) return refused;
  switch (<i32>action) {
    case TCOOFF:
      stopOutput(tty, true);
      return 0;
    case TCOON:
      if (tty.isStoppedByCall) startOutput(tty, true);
      return 0;
    case TCIOFF:
    case TCION: {
      const key = tty.control(<i32>action == TCIOFF ? VSTOP : VSTART);
      store<u8>(given, key);
      if (key != 0) tty.put(given, 1);
      return 0;
    }
    default:
      return -EINVAL;
  }
}

/** TIOCSTI: as if it had been typed. */
function simulateInput(self: Sleeper, space: AddressSpace, tty: Tty, argument: u64): Outcome {
  if (sessions().controllingTerminal() != tty && !sessions().isAdministrator(self)) return -EPERM;
  if (copyIn(space, given, argument, 1) != 1) return -EFAULT;
  tty.arrived.put(claim.setKernel(given, 1), false, true);
  receiveArrived(tty);
  return 0;
}

function stored(isDone: bool): Outcome {
  return isDone ? 0 : -EFAULT;
}
