// SPDX-License-Identifier: MIT
// Controlling terminals and job control (credentials(7), tcsetpgrp(3), signal(7)): who gets a terminal, who may use it from the
// background, what keys send to whom, and what is left when the session leader or the master goes.

#include "terminal.h"

static int caught[65];
static void note(int signo) { caught[signo]++; }

static void handle(int signo, int flags) {
  struct sigaction action = {.sa_handler = note, .sa_flags = flags};
  MUST(sigaction(signo, &action, NULL));
}

/** Runs `body` as the leader of a new session, and waits for its end. */
static void in_new_session(const char *what, void (*body)(void)) {
  say("-- %s\n", what);
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    MUST(setsid());
    body();
    _exit(0);
  }
  reap(what, pid);
}

static void take_terminal(void) { MUST(ioctl(slave, TIOCSCTTY, 0)); }

/** A child in a process group of its own. */
static pid_t start(void (*body)(void)) {
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    MUST(setpgid(0, 0));
    body();
    _exit(0);
  }
  setpgid(pid, pid);
  return pid;
}

/** Waits for the next news of a child. */
static void news(const char *what, pid_t pid) {
  int status;
  MUST(waitpid(pid, &status, WUNTRACED | WCONTINUED));
  say("%s: %s\n", what, status_text(status));
}

static void foreground(pid_t group) { MUST(tcsetpgrp(slave, group)); }

static void finish(const char *what, pid_t pid) {
  kill(pid, SIGKILL);
  kill(pid, SIGCONT);
  int status;
  do MUST(waitpid(pid, &status, 0));
  while (!WIFEXITED(status) && !WIFSIGNALED(status));
  say("%s: %s\n", what, status_text(status));
}

static void show_stat(const char *what) {
  char text[1024], state;
  int fd = (int)MUST(open("/proc/self/stat", O_RDONLY)), parent, group, session, terminal, front;
  text[MUST(read(fd, text, sizeof text - 1))] = 0;
  close(fd);
  sscanf(strrchr(text, ')') + 2, "%c %d %d %d %d %d", &state, &parent, &group, &session, &terminal, &front);
  say("%s: terminal %s, foreground %s\n", what, terminal == 0 ? "none" : (terminal >> 8 & 0xfff) == 136 ? "pts" : "other",
      front == -1 ? "none" : front == getpgrp() ? "own group" : "another");
}

static void acquire(void) {
  char path[64];
  int fd, number;
  MUST(ioctl(master, TIOCGPTN, &number));
  snprintf(path, sizeof path, "/dev/pts/%d", number);
  SHOW(open("/dev/tty", O_RDWR));
  SHOW(ioctl(slave, TIOCNOTTY));
  SHOW(tcgetpgrp(slave));
  SHOW(tcgetsid(slave));
  SHOW(tcsetpgrp(slave, getpgrp()));
  show_stat("before");
  MUST(fd = open(path, O_RDWR | O_NOCTTY)), close(fd);
  SHOW(open("/dev/tty", O_RDWR));
  MUST(fd = open(path, O_WRONLY)), close(fd);
  SHOW(open("/dev/tty", O_RDWR));
  MUST(fd = open(path, O_RDONLY)), close(fd);
  SHOW(MUST(fd = open("/dev/tty", O_RDWR)) > 0);
  SHOW(isatty(fd));
  SHOW(tcgetpgrp(fd) == getpgrp());
  SHOW(tcgetpgrp(slave) == getpgrp());
  SHOW(tcgetpgrp(master) == getpgrp());
  SHOW(tcgetsid(fd) == getsid(0));
  SHOW(tcgetsid(master) == getsid(0));
  SHOW(ioctl(slave, TIOCSCTTY, 0)); // it is already
  show_stat("after");
  SHOW(write(fd, "x\n", 2));
  show_all("through /dev/tty", master);

  int other_master = master, other_slave = slave;
  open_pair();
  SHOW(ioctl(slave, TIOCSCTTY, 0)); // a second one
  SHOW(tcgetpgrp(slave));
  SHOW(tcgetpgrp(master)); // nobody's
  SHOW(tcgetsid(master));
  close_pair();
  master = other_master, slave = other_slave;

  pid_t pid = fork();
  if (pid == 0) {
    show_stat("inherited");
    SHOW(tcgetpgrp(slave) == getpgrp());
    SHOW(ioctl(slave, TIOCNOTTY)); // for itself
    SHOW(open("/dev/tty", O_RDWR));
    SHOW(ioctl(slave, TIOCSCTTY, 0)); // no leader
    _exit(0);
  }
  reap("child", pid);
  pid = fork();
  if (pid == 0) {
    MUST(setsid());
    show_stat("new session");
    SHOW(ioctl(slave, TIOCSCTTY, 0)); // another session has it
    SHOW(tcgetpgrp(slave));
    SHOW(tcsetpgrp(slave, getpgrp()));
    if (geteuid() == 0) MUST(setuid(65534));
    SHOW(ioctl(slave, TIOCSCTTY, 1)); // and nobody steals it
    _exit(0);
  }
  reap("another session", pid);

  handle(SIGHUP, SA_RESTART), handle(SIGCONT, SA_RESTART);
  SHOW(ioctl(slave, TIOCNOTTY));
  say("caught %d hang-ups and %d continuations\n", caught[SIGHUP], caught[SIGCONT]);
  show_stat("given up");
  SHOW(ioctl(slave, TIOCNOTTY));
  SHOW(open("/dev/tty", O_RDWR));
  SHOW(ioctl(slave, TIOCSCTTY, 0)); // and taken again
  show_stat("again");
}

static void pause_for_ever(void) {
  for (;;) pause();
}

static pid_t outsider;

static void groups(void) {
  take_terminal();
  signal(SIGTTOU, SIG_IGN);
  SHOW(tcsetpgrp(slave, -1));
  SHOW(tcsetpgrp(slave, 0x3fffff));
  SHOW(tcsetpgrp(slave, outsider));
  SHOW(tcsetpgrp(open("/dev/null", O_RDWR), getpgrp()));
  pid_t pid = start(pause_for_ever);
  SHOW(tcsetpgrp(slave, pid));
  SHOW(tcgetpgrp(slave) == pid);
  show_stat("in the background");
  finish("job", pid);
  SHOW(tcgetpgrp(slave) == pid); // a group that is gone
  SHOW(tcsetpgrp(slave, getpgrp()));
  SHOW(tcsetpgrp(slave, pid));
}

static void read_once(void) {
  char byte;
  SHOW(read(slave, &byte, 1));
}

static void read_ignoring(void) {
  signal(SIGTTIN, SIG_IGN);
  read_once();
}

static void read_blocking(void) {
  sigset_t set;
  sigemptyset(&set), sigaddset(&set, SIGTTIN);
  MUST(sigprocmask(SIG_BLOCK, &set, NULL));
  read_once();
}

static void read_handling(void) {
  handle(SIGTTIN, 0);
  read_once();
  say("caught %d\n", caught[SIGTTIN]);
}

static void grandchild_reads(void) {
  int fds[2];
  char byte;
  MUST(pipe(fds));
  pid_t parent = getpid();
  if (fork() == 0) {
    while (getppid() == parent) poll(NULL, 0, 5); // until the group is orphaned
    read_once();
    SHOW(tcflush(slave, TCIFLUSH));
    SHOW(tcsetpgrp(slave, getpgrp()));
    MUST(write(fds[1], "x", 1));
    _exit(0);
  }
  close(fds[1]);
  if (fork() == 0) { // keeps the leader from going on before
    read(fds[0], &byte, 1);
    _exit(0);
  }
}

static void reading(void) {
  take_terminal();
  pid_t pid = start(read_once);
  news("background read", pid);
  MUST(kill(pid, SIGCONT));
  news("continued in the background", pid);
  news("stops again", pid);
  signal(SIGTTOU, SIG_IGN);
  foreground(pid);
  MUST(kill(pid, SIGCONT));
  news("continued in the foreground", pid);
  type("hi\n");
  reap("reader", pid);
  foreground(getpgrp());
  show_read("the rest", slave, 100);

  reap("SIGTTIN ignored", start(read_ignoring));
  reap("SIGTTIN blocked", start(read_blocking));
  reap("SIGTTIN handled", start(read_handling));
  MUST(fcntl(slave, F_SETFL, O_RDWR | O_NONBLOCK));
  pid = start(read_once);
  news("nonblocking background read", pid);
  finish("reader", pid);
  MUST(fcntl(slave, F_SETFL, O_RDWR));
  signal(SIGTTOU, SIG_DFL);
  MUST(waitpid(start(grandchild_reads), NULL, 0));
  poll(NULL, 0, 100);
}

static void write_once(void) { SHOW(write(slave, "out\n", 4)); }

static void write_ignoring(void) {
  signal(SIGTTOU, SIG_IGN);
  write_once();
}

static void set_settings(void) {
  struct termios settings;
  SHOW(tcgetattr(slave, &settings));
  SHOW(tcsetattr(slave, TCSANOW, &settings));
}

static void flush_input(void) { SHOW(tcflush(slave, TCIFLUSH)); }
static void stop_output(void) { SHOW(tcflow(slave, TCOON)); }
static void drain(void) { SHOW(tcdrain(slave)); }
static void take_foreground(void) { SHOW(tcsetpgrp(slave, getpgrp())); }
static void change_through_master(void) {
  struct termios settings;
  SHOW(tcgetattr(master, &settings));
  SHOW(tcsetattr(master, TCSANOW, &settings));
}
static void window_size(void) {
  struct winsize size = {30, 90, 0, 0};
  SHOW(ioctl(slave, TIOCSWINSZ, &size));
  SHOW(ioctl(slave, TIOCGWINSZ, &size));
}

static void set_handling(void) {
  handle(SIGTTOU, 0);
  set_settings();
  say("caught %d\n", caught[SIGTTOU]);
}

static void changing(void) {
  take_terminal();
  reap("background write", start(write_once));
  show_all("comes", master);
  local(TOSTOP, 0);
  pid_t pid = start(write_once);
  news("with TOSTOP", pid);
  finish("writer", pid);
  reap("SIGTTOU ignored", start(write_ignoring));
  show_all("comes", master);
  local(0, TOSTOP);

  static void (*const bodies[])(void) = {set_settings, flush_input, stop_output, drain, take_foreground, change_through_master};
  static const char *const names[] = {"settings", "flush", "flow", "drain", "foreground", "settings through the master"};
  for (size_t i = 0; i < COUNT(bodies); i++) {
    pid = start(bodies[i]);
    news(names[i], pid);
    finish(names[i], pid);
  }
  reap("handled", start(set_handling));
  reap("window size", start(window_size));
  pid = start(take_foreground);
  news("takes the foreground", pid);
  signal(SIGTTOU, SIG_IGN);
  foreground(pid);
  MUST(kill(pid, SIGCONT));
  reap("gets it", pid);
  SHOW(tcgetpgrp(slave) == pid);
  foreground(getpgrp());
}

static void keys(void) {
  take_terminal();
  signal(SIGTTOU, SIG_IGN);
  static const struct { const char *name, *key; } sent[] = {{"^C", "\003"}, {"^\\", "\034"}, {"^Z", "\032"}};
  for (size_t i = 0; i < COUNT(sent); i++) {
    pid_t pid = start(pause_for_ever), behind = start(pause_for_ever);
    foreground(pid);
    type("typed before");
    show_all("typed", master); // a signal drops output that is under way
    type(sent[i].key);
    int status;
    MUST(waitpid(pid, &status, WUNTRACED));
    say("%s: %s\n", sent[i].name, WIFSIGNALED(status) ? (WTERMSIG(status) == SIGINT ? "SIGINT" : "SIGQUIT") : status_text(status));
    SHOW(waitpid(behind, NULL, WNOHANG | WUNTRACED));
    if (WIFSTOPPED(status)) {
      siginfo_t info = {0};
      MUST(kill(pid, SIGCONT));
      SHOW(waitid(P_PID, (id_t)pid, &info, WCONTINUED));
      SHOW(info.si_code == CLD_CONTINUED && info.si_status == SIGCONT);
      type("\032");
      SHOW(waitid(P_PID, (id_t)pid, &info, WSTOPPED));
      SHOW(info.si_code == CLD_STOPPED && info.si_status == SIGTSTP);
      finish("stopped job", pid);
    }
    foreground(getpgrp());
    show_all("shown", master);
    show_read("what was typed is lost", slave, 100);
    finish("the one behind", behind);
  }
  local(NOFLSH, 0);
  handle(SIGINT, SA_RESTART);
  type("kept\003 too\n");
  show_read("not lost", slave, 100);
  say("caught %d\n", caught[SIGINT]);
  local(0, NOFLSH | ISIG);
  type("\003\n");
  show_read("no signal", slave, 100);
  local(ISIG, 0);
  set_key(VINTR, 'q');
  type("x");
  show_all("typed", master);
  type("q\003\n");
  show_read("another key", slave, 100);
  say("caught %d\n", caught[SIGINT]);
  SHOW(ioctl(master, TIOCSIG, SIGINT));
  say("caught %d\n", caught[SIGINT]);
  SHOW(ioctl(master, TIOCSIG, SIGHUP));
}

static void interrupted_read(void) {
  take_terminal();
  handle(SIGINT, 0);
  pid_t typist = fork();
  if (typist == 0) {
    poll(NULL, 0, 60);
    type("ab\003");
    _exit(0);
  }
  char bytes[16];
  SHOW(read(slave, bytes, sizeof bytes));
  reap("typist", typist);
  handle(SIGINT, SA_RESTART);
  typist = fork();
  if (typist == 0) {
    poll(NULL, 0, 60);
    type("ab\003");
    poll(NULL, 0, 60);
    type("c\n");
    _exit(0);
  }
  SHOW(read(slave, bytes, sizeof bytes));
  reap("typist", typist);
}

static void sizes(void) {
  take_terminal();
  handle(SIGWINCH, SA_RESTART);
  struct winsize size = {0};
  SHOW(ioctl(slave, TIOCGWINSZ, &size));
  say("%d %d\n", size.ws_row, size.ws_col);
  size = (struct winsize){25, 100, 7, 8};
  SHOW(ioctl(master, TIOCSWINSZ, &size));
  say("caught %d\n", caught[SIGWINCH]);
  SHOW(ioctl(master, TIOCSWINSZ, &size)); // the same
  say("caught %d\n", caught[SIGWINCH]);
  size.ws_row = 26;
  SHOW(ioctl(slave, TIOCSWINSZ, &size));
  say("caught %d\n", caught[SIGWINCH]);
  memset(&size, 0, sizeof size);
  SHOW(ioctl(master, TIOCGWINSZ, &size));
  say("%d %d %d %d\n", size.ws_row, size.ws_col, size.ws_xpixel, size.ws_ypixel);
  SHOW(ioctl(slave, TIOCGWINSZ, NULL));
}

int main(void) {
  begin();
  open_pair();
  outsider = start(pause_for_ever);
  in_new_session("acquire", acquire);
  in_new_session("groups", groups);
  in_new_session("reading", reading);
  show_all("left", master);
  in_new_session("changing", changing);
  show_all("left", master);
  in_new_session("keys", keys);
  show_all("left", master);
  set_key(VINTR, 3);
  in_new_session("interrupted read", interrupted_read);
  in_new_session("sizes", sizes);
  finish("outsider", outsider);
  return 0;
}
