// SPDX-License-Identifier: MIT
// For corpus programs about terminals: a pseudo-terminal whose two sides they hold, and ways to show what comes out of it.
#ifndef TERMINAL_H
#define TERMINAL_H

#include "check.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>

static int master, slave;

/** Opens a pair as `master` and `slave`, without making it anybody's controlling terminal. */
static inline void open_pair(void) {
  int unlock = 0, number;
  char path[32];
  master = (int)MUST(open("/dev/ptmx", O_RDWR | O_NOCTTY));
  MUST(ioctl(master, TIOCSPTLCK, &unlock));
  MUST(ioctl(master, TIOCGPTN, &number));
  snprintf(path, sizeof path, "/dev/pts/%d", number);
  slave = (int)MUST(open(path, O_RDWR | O_NOCTTY));
}

static inline void close_pair(void) {
  close(slave);
  close(master);
}

/** Prints bytes, those that are no plain characters as \octal. */
static inline void show_bytes(const char *what, const char *bytes, long length) {
  char text[4096];
  int at = 0;
  if (length < 0) {
    say("%s: %s\n", what, errno_text(errno));
    return;
  }
  for (long i = 0; i < length && at < (int)sizeof text - 8; i++) {
    unsigned char byte = (unsigned char)bytes[i];
    if (byte == '\n') at += sprintf(text + at, "\\n");
    else if (byte == '\r') at += sprintf(text + at, "\\r");
    else if (byte < 32 || byte > 126 || byte == '\\') at += sprintf(text + at, "\\%03o", byte);
    else text[at++] = (char)byte;
  }
  text[at] = 0;
  say("%s: %ld \"%s\"\n", what, length, text);
}

/**
 * Whether `fd` can be read now, or soon: what one side writes reaches the other in Linux by a worker thread. Polling a side that has
 * nothing to read waits for that thread, first for what was typed, then for its echo.
 */
static inline int is_readable(int fd) {
  struct pollfd typed = {slave, POLLIN, 0}, shown = {master, POLLIN, 0}, wait = {fd, POLLIN, 0};
  poll(&typed, 1, 0);
  poll(&shown, 1, 0);
  return poll(&wait, 1, 60) == 1 && (wait.revents & POLLIN);
}

/** Reads up to `most` bytes once and prints them; "nothing" where a read would wait. */
static inline void show_read(const char *what, int fd, size_t most) {
  static char bytes[8192];
  if (!is_readable(fd)) {
    say("%s: nothing\n", what);
    return;
  }
  errno = 0;
  show_bytes(what, bytes, read(fd, bytes, most));
}

/** Reads all that comes. */
static inline void show_all(const char *what, int fd) {
  static char bytes[65536];
  long length = 0;
  while (is_readable(fd)) {
    long got = read(fd, bytes + length, sizeof bytes - (size_t)length);
    if (got <= 0) break;
    length += got;
  }
  show_bytes(what, bytes, length);
}

static inline void type_bytes(const char *keys, size_t length) { MUST(write(master, keys, length) == (ssize_t)length ? 0 : -1); }

static inline void type(const char *keys) { type_bytes(keys, strlen(keys)); }

/** Types keys, and shows the echo and then what a program would read. */
static inline void try_keys(const char *what, const char *keys) {
  char label[80];
  type(keys);
  snprintf(label, sizeof label, "%s, shown", what);
  show_all(label, master);
  snprintf(label, sizeof label, "%s, read", what);
  show_read(label, slave, 4096);
}

/** Settings: the bits to set and to clear of the input, output and local flags. */
static inline void change(int fd, tcflag_t set_in, tcflag_t clear_in, tcflag_t set_out, tcflag_t clear_out, tcflag_t set_local, tcflag_t clear_local) {
  struct termios settings;
  MUST(tcgetattr(fd, &settings));
  settings.c_iflag = (settings.c_iflag & ~clear_in) | set_in;
  settings.c_oflag = (settings.c_oflag & ~clear_out) | set_out;
  settings.c_lflag = (settings.c_lflag & ~clear_local) | set_local;
  MUST(tcsetattr(fd, TCSANOW, &settings));
}

static inline void local(tcflag_t set, tcflag_t clear) { change(slave, 0, 0, 0, 0, set, clear); }

static inline void set_key(int index, int key) {
  struct termios settings;
  MUST(tcgetattr(slave, &settings));
  settings.c_cc[index] = (cc_t)key;
  MUST(tcsetattr(slave, TCSANOW, &settings));
}

#endif
