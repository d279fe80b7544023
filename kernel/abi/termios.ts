// SPDX-License-Identifier: MIT
// Shared by kernel and host: compiled by asc and by tsc. termios(3) with the numbers of asm-generic/termbits.h.

// c_iflag
export const PARMRK = 0x8;
export const ISTRIP = 0x20;
export const INLCR = 0x40;
export const IGNCR = 0x80;
export const ICRNL = 0x100;
export const IUCLC = 0x200;
export const IXON = 0x400;
export const IXANY = 0x800;
export const IUTF8 = 0x4000;

// c_oflag
export const OPOST = 0x1;
export const OLCUC = 0x2;
export const ONLCR = 0x4;
export const OCRNL = 0x8;
export const ONOCR = 0x10;
export const ONLRET = 0x20;
export const TABDLY = 0x1800;
export const XTABS = 0x1800;

// c_cflag
export const CBAUD = 0x100f;
export const CBAUDEX = 0x1000;
export const BOTHER = 0x1000;
export const CSIZE = 0x30;
export const CS8 = 0x30;
export const CREAD = 0x80;
export const PARENB = 0x100;
export const IBSHIFT = 16; // where the speed of input stands

// c_lflag
export const ISIG = 0x1;
export const ICANON = 0x2;
export const ECHO = 0x8;
export const ECHOE = 0x10;
export const ECHOK = 0x20;
export const ECHONL = 0x40;
export const NOFLSH = 0x80;
export const TOSTOP = 0x100;
export const ECHOCTL = 0x200;
export const ECHOPRT = 0x400;
export const ECHOKE = 0x800;
export const IEXTEN = 0x8000;
export const EXTPROC = 0x10000;

// c_cc
export const VINTR = 0;
export const VQUIT = 1;
export const VERASE = 2;
export const VKILL = 3;
export const VEOF = 4;
export const VTIME = 5;
export const VMIN = 6;
export const VSTART = 8;
export const VSTOP = 9;
export const VSUSP = 10;
export const VEOL = 11;
export const VREPRINT = 12;
export const VWERASE = 14;
export const VLNEXT = 15;
export const VEOL2 = 16;

// tcflow(3), tcflush(3)
export const TCOOFF = 0;
export const TCOON = 1;
export const TCIOFF = 2;
export const TCION = 3;
export const TCIFLUSH = 0;
export const TCOFLUSH = 1;
export const TCIOFLUSH = 2;

// Packet mode (TIOCPKT): the first byte of what a master reads
export const TIOCPKT_DATA = 0;
export const TIOCPKT_FLUSHREAD = 1;
export const TIOCPKT_FLUSHWRITE = 2;
export const TIOCPKT_STOP = 4;
export const TIOCPKT_START = 8;
export const TIOCPKT_NOSTOP = 16;
export const TIOCPKT_DOSTOP = 32;
