// SPDX-License-Identifier: MIT
// The kernel's struct termios (termios(3), asm-generic/termbits.h): four flag words, the line discipline and 19 control characters.
// termios2 adds the two speeds in bit/s, which otherwise follow from the flags.

import { BOTHER, CBAUD, CBAUDEX, CREAD, CS8, CSIZE, IBSHIFT, PARENB } from "../abi/termios.ts";

export const TERMIOS_SIZE: usize = 36;
export const TERMIOS2_SIZE: usize = 44;
export const C_IFLAG: usize = 0;
export const C_OFLAG: usize = 4;
export const C_CFLAG: usize = 8;
export const C_LFLAG: usize = 12;
export const C_CC: usize = 17;
const C_ISPEED: usize = 36;
const C_OSPEED: usize = 40;

/** What a terminal starts with (tty_std_termios). */
export const STANDARD_TERMIOS = memory.data<u8>([
  0x00, 0x05, 0, 0, // c_iflag: ICRNL IXON
  0x05, 0x00, 0, 0, // c_oflag: OPOST ONLCR
  0xbf, 0x00, 0, 0, // c_cflag: B38400 CS8 CREAD
  0x3b, 0x8a, 0, 0, // c_lflag: ISIG ICANON ECHO ECHOE ECHOK ECHOCTL ECHOKE IEXTEN
  0, 0x03, 0x1c, 0x7f, 0x15, 0x04, 0, 1, 0, 0x11, 0x13, 0x1a, 0, 0x12, 0x0f, 0x17, 0x16, 0, 0, 0,
  0x00, 0x96, 0, 0, // 38400 in,
  0x00, 0x96, 0, 0, // and out
]);

/** B0 ... B38400, then B57600 ... B4000000. */
const SPEEDS = memory.data<u32>([
  0, 50, 75, 110, 134, 150, 200, 300, 600, 1200, 1800, 2400, 4800, 9600, 19200, 38400,
  0, 57600, 115200, 230400, 460800, 500000, 576000, 921600, 1000000, 1152000, 1500000, 2000000, 2500000, 3000000, 3500000, 4000000,
]);

/** Makes settings that a program has given consistent: no device here knows characters of other than eight bits. */
export function settle(termios: usize): void {
  const flags = (load<u32>(termios, C_CFLAG) & ~(CSIZE | PARENB)) | CS8 | CREAD;
  store<u32>(termios, flags, C_CFLAG);
  const output = speed(flags & CBAUD, load<u32>(termios, C_OSPEED));
  const input = (flags >> IBSHIFT) & CBAUD;
  store<u32>(termios, output, C_OSPEED);
  store<u32>(termios, input == 0 ? output : speed(input, load<u32>(termios, C_ISPEED)), C_ISPEED);
}

/** The speed of a CBAUD value; BOTHER: the one that is given. */
function speed(code: u32, given: u32): u32 {
  if (code == BOTHER) return given;
  const index = (code & CBAUDEX) != 0 ? 16 + (code & 0xf) : code;
  return load<u32>(SPEEDS + (<usize>index << 2));
}
