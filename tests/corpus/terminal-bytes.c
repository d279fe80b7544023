// SPDX-License-Identifier: MIT
// Noncanonical mode (termios(3)): VMIN and VTIME, switching modes while there is input, flushing, flow control, settings.

#include "terminal.h"

static void raw(int least, int tenths) {
  local(0, ICANON | ECHO);
  set_key(VMIN, least);
  set_key(VTIME, tenths);
}

/** Types the parts of `keys`, which are divided by spaces, with a pause before each; from another process. */
static pid_t type_slowly(const char *keys, int pause_ms) {
  pid_t pid = (pid_t)MUST(fork());
  if (pid) return pid;
  for (; *keys; keys++) {
    poll(NULL, 0, pause_ms);
    type_bytes(keys, 1);
  }
  _exit(0);
}

static long timed_read(size_t most) {
  char bytes[64];
  errno = 0;
  long length = read(slave, bytes, most);
  show_bytes("read", bytes, length);
  return length;
}

static void least_and_time(void) {
  raw(1, 0);
  type("abc");
  SHOW(is_readable(slave));
  timed_read(2);
  timed_read(10);
  pid_t typist = type_slowly("x", 100);
  timed_read(10);
  MUST(waitpid(typist, NULL, 0));

  raw(3, 0);
  typist = type_slowly("abc", 50);
  timed_read(10);
  MUST(waitpid(typist, NULL, 0));
  typist = type_slowly("ab", 50);
  timed_read(2); // no more than asked for
  MUST(waitpid(typist, NULL, 0));
  type("ab");
  SHOW(is_readable(slave)); // poll waits for three
  type("c");
  SHOW(is_readable(slave));
  timed_read(10);

  raw(0, 0);
  timed_read(10);
  type("q");
  SHOW(is_readable(slave));
  timed_read(10);

  raw(0, 2);
  timed_read(10);
  typist = type_slowly("t", 50);
  timed_read(10);
  MUST(waitpid(typist, NULL, 0));

  raw(5, 3); // each byte has 0.3 s to follow
  typist = type_slowly("abc", 40);
  timed_read(10);
  MUST(waitpid(typist, NULL, 0));
  typist = type_slowly("abcdef", 20);
  long first = timed_read(5);
  MUST(waitpid(typist, NULL, 0));
  SHOW(is_readable(slave) && first == 5);
  timed_read(10);

  raw(5, 0);
  int flags = (int)MUST(fcntl(slave, F_GETFL));
  MUST(fcntl(slave, F_SETFL, flags | O_NONBLOCK));
  timed_read(10);
  type("ab");
  poll(NULL, 0, 60);
  timed_read(10); // what there is
  MUST(fcntl(slave, F_SETFL, flags));
}

static void handler(int signo) { (void)signo; }

static void interrupted(void) {
  struct sigaction action = {.sa_handler = handler};
  MUST(sigaction(SIGALRM, &action, NULL));
  raw(3, 0);
  type("ab");
  poll(NULL, 0, 60);
  alarm(1);
  timed_read(10);
  alarm(1);
  timed_read(10);
}

static void switching(void) {
  int count;
  raw(1, 0);
  type("ab\ncd");
  SHOW(is_readable(slave));
  local(ICANON, 0);
  MUST(ioctl(slave, FIONREAD, &count));
  SHOW(count);
  show_read("bytes are a line", slave, 100);
  type("ef\n");
  show_read("the next", slave, 100);

  type("one\ntwo\004thr");
  poll(NULL, 0, 60);
  MUST(ioctl(slave, FIONREAD, &count));
  SHOW(count);
  raw(1, 0);
  MUST(ioctl(slave, FIONREAD, &count));
  SHOW(count);
  show_read("lines are bytes", slave, 100);

  type("lost");
  SHOW(is_readable(slave));
  SHOW(tcflush(slave, TCIFLUSH));
  show_read("flushed", slave, 100);
  type("lost");
  SHOW(is_readable(slave));
  struct termios settings;
  MUST(tcgetattr(slave, &settings));
  SHOW(tcsetattr(slave, TCSAFLUSH, &settings));
  show_read("flushed by settings", slave, 100);
  type("kept");
  SHOW(is_readable(slave));
  SHOW(tcsetattr(slave, TCSADRAIN, &settings));
  show_read("not flushed", slave, 100);
  SHOW(tcflush(slave, 7));
  SHOW(tcflow(slave, 7));
  SHOW(tcdrain(slave));
  SHOW(tcsendbreak(slave, 0));
  SHOW(ioctl(slave, TIOCOUTQ, &count));
  SHOW(count);
}

static void raw_keys(void) {
  raw(1, 0);
  local(ECHO, ISIG);
  try_keys("keys are bytes", "\003\032\034\004\n\177");
  local(0, ECHOCTL);
  try_keys("shown as they are", "\003\n\r");
  change(slave, 0, ICRNL, 0, 0, ECHOCTL, 0);
  try_keys("no mapping", "\r\n");
  change(slave, ICRNL, 0, 0, 0, ISIG, ECHO);
}

static void flow(void) {
  local(ECHO | ICANON, 0);
  type("\023");
  poll(NULL, 0, 60);
  int flags = (int)MUST(fcntl(slave, F_GETFL));
  MUST(fcntl(slave, F_SETFL, flags | O_NONBLOCK));
  SHOW(write(slave, "stopped", 7));
  struct pollfd writable = {slave, POLLOUT, 0};
  SHOW(poll(&writable, 1, 0));
  type("x");
  show_all("nothing comes", master);
  type("\021");
  show_all("echo that waited", master);
  SHOW(poll(&writable, 1, 60));
  SHOW(write(slave, "started", 7));
  show_all("output", master);
  SHOW(tcflow(slave, TCOOFF));
  SHOW(write(slave, "stopped", 7));
  type("\021");
  show_all("no key starts it", master);
  SHOW(tcflow(slave, TCOON));
  SHOW(write(slave, "started", 7));
  show_all("output", master);
  change(slave, IXANY, 0, 0, 0, 0, 0);
  type("\023");
  type("y");
  show_all("any key starts it", master);
  change(slave, 0, IXON | IXANY, 0, 0, 0, 0);
  type("\023\021\n");
  show_all("plain control characters", master);
  show_read("a line", slave, 100);
  MUST(fcntl(slave, F_SETFL, flags));
  SHOW(tcflow(slave, TCIOFF));
  show_all("stop is sent", master);
  SHOW(tcflow(slave, TCION));
  show_all("start is sent", master);
}

static void settings(void) {
  struct termios had, now;
  MUST(tcgetattr(slave, &had));
  MUST(tcgetattr(master, &now)); // a master has the settings of its terminal
  SHOW(had.c_lflag == now.c_lflag && had.c_iflag == now.c_iflag && !memcmp(had.c_cc, now.c_cc, 19));
  SHOW(had.c_cflag & (CSIZE | CREAD | PARENB));
  SHOW(cfgetospeed(&had) == B38400);
  now.c_cflag = CS7 | PARENB | B9600;
  cfsetospeed(&now, B9600);
  SHOW(tcsetattr(slave, TCSANOW, &now));
  MUST(tcgetattr(slave, &now));
  SHOW((now.c_cflag & CSIZE) == CS8);
  SHOW((now.c_cflag & PARENB) != 0);
  SHOW(cfgetospeed(&now) == B9600);
  int discipline = 9;
  SHOW(ioctl(slave, TIOCGETD, &discipline));
  SHOW(discipline);
  SHOW(tcgetattr(open("/dev/null", O_RDWR), &now));
  SHOW(ioctl(slave, TCGETS, NULL));
  SHOW(ioctl(slave, TCSETS, NULL));
  SHOW(isatty(slave));
  SHOW(isatty(master));
  SHOW(lseek(slave, 0, SEEK_SET));
  SHOW(ftruncate(slave, 0));
  SHOW(fsync(slave));
}

int main(void) {
  begin();
  open_pair();
  least_and_time();
  interrupted();
  switching();
  raw_keys();
  flow();
  settings();
  return 0;
}
