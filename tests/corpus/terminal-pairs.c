// SPDX-License-Identifier: MIT
// Pseudo-terminals (pty(7)): how a pair is made and named, what each side sees when the other closes, hang-ups, packet mode.

#include "terminal.h"

static volatile sig_atomic_t hangups, continuations;
static void note(int signo) {
  if (signo == SIGHUP) hangups++;
  else continuations++;
}

static void handle(int signo) {
  struct sigaction action = {.sa_handler = note, .sa_flags = SA_RESTART};
  MUST(sigaction(signo, &action, NULL));
}

static void show_events(const char *what, int fd) {
  struct pollfd wait = {fd, POLLIN | POLLOUT | POLLPRI, 0};
  poll(&wait, 1, 0);
  say("%s:%s%s%s%s%s\n", what, wait.revents & POLLIN ? " in" : "", wait.revents & POLLPRI ? " priority" : "",
      wait.revents & POLLOUT ? " out" : "", wait.revents & POLLERR ? " error" : "", wait.revents & POLLHUP ? " hang-up" : "");
}

static void names(void) {
  int number = -1, locked = -1;
  char path[64], link[64];
  struct stat status;
  MUST(master = open("/dev/ptmx", O_RDWR | O_NOCTTY));
  SHOW(fcntl(master, F_GETFL) & ~0100000);
  SHOW(ioctl(master, TIOCGPTN, &number));
  snprintf(path, sizeof path, "/dev/pts/%d", number);
  SHOW(ioctl(master, TIOCGPTLCK, &locked));
  SHOW(locked);
  SHOW(open(path, O_RDWR | O_NOCTTY));
  locked = 0;
  SHOW(ioctl(master, TIOCSPTLCK, &locked));
  SHOW((slave = open(path, O_RDWR | O_NOCTTY)) > 0);
  SHOW(strcmp(ptsname(master), path));
  SHOW(stat(path, &status));
  SHOW(S_ISCHR(status.st_mode) && status.st_uid == geteuid());
  SHOW(status.st_rdev == (dev_t)(136 << 8 | number)); // for small numbers
  SHOW(ttyname_r(slave, link, sizeof link) || strcmp(link, path));
  SHOW(ioctl(slave, TIOCGPTN, &number));
  SHOW(ioctl(slave, TIOCSPTLCK, &locked));
  int second = (int)MUST(open("/dev/ptmx", O_RDWR | O_NOCTTY)), its_number;
  SHOW(ioctl(second, TIOCGPTN, &its_number));
  SHOW(its_number != number);
  snprintf(link, sizeof link, "/dev/pts/%d", its_number);
  SHOW(access(link, F_OK));
  SHOW(close(second));
  SHOW(access(link, F_OK));
  SHOW(open(link, O_RDWR | O_NOCTTY));
  int peer = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
  SHOW(peer > 0);
  SHOW(fcntl(peer, F_GETFD));
  SHOW(ttyname_r(peer, link, sizeof link) || strcmp(link, path));
  SHOW(close(peer));
  SHOW(mkdir("/dev/pts/x", 0700) < 0);
  SHOW(open("/dev/pts/99999", O_RDWR));
}

static void both_ways(void) {
  show_events("slave", slave);
  show_events("master", master);
  type("hello\n");
  show_all("echo", master);
  show_events("slave", slave);
  show_read("slave", slave, 100);
  SHOW(write(slave, "answer\n", 7));
  SHOW(is_readable(master));
  show_events("master", master);
  int count;
  SHOW(ioctl(master, FIONREAD, &count));
  SHOW(count);
  show_read("a part", master, 3);
  show_read("the rest", master, 100);
  char byte;
  MUST(fcntl(master, F_SETFL, O_RDWR | O_NONBLOCK));
  SHOW(read(master, &byte, 1));
  MUST(fcntl(master, F_SETFL, O_RDWR));
  SHOW(lseek(master, 0, SEEK_CUR));
  SHOW(write(slave, "", 0));
  SHOW(write(slave, NULL, 5));
  SHOW(write(master, NULL, 5));
  local(0, ICANON | ECHO);
  type("y");
  SHOW(is_readable(slave));
  SHOW(read(slave, NULL, 1));
  tcflush(slave, TCIFLUSH);
  local(ICANON | ECHO, 0);
}

/** Fills a direction until it takes no more, and drains it from the other side. */
static void full(int to, int from, const char *what) {
  static char block[4096];
  memset(block, 'x', sizeof block);
  long written = 0, taken = 0, part;
  MUST(fcntl(to, F_SETFL, O_RDWR | O_NONBLOCK));
  while (written < (1 << 20) && (part = write(to, block, sizeof block)) > 0) written += part, poll(NULL, 0, 1);
  int error = errno;
  say("%s: full %d, at least 4095 %d\n", what, written < (1 << 20), written >= 4095);
  SHOW(part == -1 && error == EAGAIN);
  MUST(fcntl(to, F_SETFL, O_RDWR));
  while (taken < written && is_readable(from) && (part = read(from, block, sizeof block)) > 0) taken += part;
  say("%s: all came %d\n", what, taken == written);
  struct pollfd writable = {to, POLLOUT, 0};
  SHOW(poll(&writable, 1, 100));
}

static void blocking(void) {
  local(0, ICANON | ECHO);
  full(slave, master, "to the master");
  full(master, slave, "to the slave");
  pid_t writer = fork();
  if (writer == 0) {
    static char block[200000];
    long written = write(slave, block, sizeof block);
    _exit(written == sizeof block ? 0 : 1);
  }
  static char got[4096];
  long taken = 0, part;
  while (taken < 200000 && (part = read(master, got, sizeof got)) > 0) taken += part;
  SHOW(taken == 200000);
  reap("a long write", writer);
  local(ICANON | ECHO, 0);
}

static void slave_closes(void) {
  char byte;
  int number;
  char path[64];
  ioctl(master, TIOCGPTN, &number);
  snprintf(path, sizeof path, "/dev/pts/%d", number);
  MUST(write(slave, "last\n", 5));
  SHOW(is_readable(master));
  SHOW(close(slave));
  poll(NULL, 0, 60);
  show_events("master", master);
  show_read("what was left", master, 100);
  show_events("master", master);
  SHOW(read(master, &byte, 1));
  SHOW(write(master, "early\n", 6));
  SHOW((slave = open(path, O_RDWR | O_NOCTTY)) > 0);
  show_all("echo", master);
  show_events("master", master);
  show_read("typed before it was opened", slave, 100);
  int again = dup(slave);
  close(slave);
  show_events("master, a duplicate is open", master);
  slave = again;
}

static void master_closes(void) {
  char byte;
  int number, fds[2];
  char path[64];
  MUST(pipe(fds));
  ioctl(master, TIOCGPTN, &number);
  snprintf(path, sizeof path, "/dev/pts/%d", number);
  pid_t reader = fork();
  if (reader == 0) {
    close(master);
    write(fds[1], "r", 1);
    SHOW(read(slave, &byte, 1)); // is asleep when it happens
    SHOW(read(slave, &byte, 1));
    _exit(0);
  }
  read(fds[0], &byte, 1);
  poll(NULL, 0, 60);
  type("never read");
  MUST(close(master));
  reap("sleeping reader", reader);
  show_events("slave", slave);
  SHOW(read(slave, &byte, 1));
  SHOW(write(slave, "x", 1));
  struct termios settings;
  SHOW(tcgetattr(slave, &settings));
  SHOW(tcsetpgrp(slave, getpgrp()));
  SHOW(isatty(slave));
  SHOW(access(path, F_OK));
  SHOW(open(path, O_RDWR | O_NOCTTY));
  SHOW(close(slave));
}

static void session_is_hung_up(void) {
  open_pair();
  int to_leader[2], news[2];
  char byte;
  MUST(pipe(to_leader)), MUST(pipe(news));
  pid_t leader = fork();
  if (leader == 0) {
    close(master), close(to_leader[1]);
    MUST(setsid()), MUST(ioctl(slave, TIOCSCTTY, 0));
    handle(SIGHUP), handle(SIGCONT);
    pid_t job = fork();
    if (job == 0) {
      MUST(setpgid(0, 0));
      handle(SIGHUP), handle(SIGCONT);
      write(news[1], "j", 1);
      while (!hangups) pause();
      poll(NULL, 0, 20);
      say("job: %d hang-ups, %d continuations\n", hangups, continuations);
      SHOW(open("/dev/tty", O_RDWR));
      write(news[1], "j", 1);
      _exit(0);
    }
    setpgid(job, job);
    signal(SIGTTOU, SIG_IGN);
    MUST(tcsetpgrp(slave, job));
    write(news[1], "l", 1);
    while (!hangups) pause();
    poll(NULL, 0, 20);
    say("leader: %d hang-ups, %d continuations\n", hangups, continuations);
    SHOW(open("/dev/tty", O_RDWR));
    SHOW(tcgetpgrp(slave));
    SHOW(ioctl(slave, TIOCNOTTY));
    _exit(0); // tells the job
  }
  close(slave);
  read(news[0], &byte, 1), read(news[0], &byte, 1);
  SHOW(close(master));
  reap("leader", leader);
  read(news[0], &byte, 1);
}

static void leader_ends(void) {
  open_pair();
  int news[2];
  char byte;
  MUST(pipe(news));
  pid_t leader = fork();
  if (leader == 0) {
    MUST(setsid()), MUST(ioctl(slave, TIOCSCTTY, 0));
    if (fork() == 0) {
      handle(SIGHUP), handle(SIGCONT);
      write(news[1], "j", 1);
      while (!hangups) pause();
      poll(NULL, 0, 20);
      say("foreground: %d hang-ups, %d continuations\n", hangups, continuations);
      SHOW(open("/dev/tty", O_RDWR));
      SHOW(write(slave, "still open\n", 11));
      SHOW(tcgetpgrp(slave));
      type("typed\n");
      show_read("read without a session", slave, 100);
      write(news[1], "j", 1);
      _exit(0);
    }
    read(news[0], &byte, 1);
    _exit(5);
  }
  reap("leader", leader);
  read(news[0], &byte, 1);
  show_all("master", master);
  SHOW(tcgetpgrp(master));
  SHOW(tcgetsid(master));
  pid_t next = fork();
  if (next == 0) {
    MUST(setsid());
    SHOW(ioctl(slave, TIOCSCTTY, 0)); // it is free again
    _exit(0);
  }
  reap("the next leader", next);
  close_pair();
}

/** A leader that dies with a stopped job in the background. */
static void stopped_jobs(void) {
  open_pair();
  int news[2];
  char byte;
  MUST(pipe(news));
  pid_t leader = fork();
  if (leader == 0) {
    MUST(setsid()), MUST(ioctl(slave, TIOCSCTTY, 0));
    pid_t job = fork();
    if (job == 0) {
      MUST(setpgid(0, 0));
      handle(SIGHUP), handle(SIGCONT);
      raise(SIGTSTP);
      poll(NULL, 0, 20);
      say("stopped job: %d hang-ups, %d continuations\n", hangups, continuations);
      write(news[1], "j", 1);
      _exit(0);
    }
    MUST(waitpid(job, NULL, WUNTRACED));
    _exit(0);
  }
  reap("leader", leader);
  read(news[0], &byte, 1);
  close_pair();
}

static void packets(void) {
  open_pair();
  int on = 1;
  SHOW(ioctl(slave, TIOCPKT, &on));
  SHOW(ioctl(master, TIOCPKT, &on));
  MUST(write(slave, "data\n", 5));
  show_read("data", master, 100);
  tcflush(slave, TCIFLUSH);
  show_events("after a flush", master);
  show_read("flush", master, 100);
  tcflow(slave, TCOOFF);
  show_read("stop", master, 100);
  tcflow(slave, TCOON);
  show_read("start", master, 100);
  change(slave, 0, IXON, 0, 0, 0, 0);
  show_read("no flow control", master, 100);
  change(slave, IXON, 0, 0, 0, 0, 0);
  show_read("flow control", master, 100);
  on = 0;
  SHOW(ioctl(master, TIOCPKT, &on));
  MUST(write(slave, "data\n", 5));
  show_read("data", master, 100);
  close_pair();
}

static void exclusive(void) {
  open_pair();
  int number, is_exclusive;
  char path[64];
  ioctl(master, TIOCGPTN, &number);
  snprintf(path, sizeof path, "/dev/pts/%d", number);
  SHOW(ioctl(slave, TIOCEXCL));
  SHOW(ioctl(slave, TIOCGEXCL, &is_exclusive));
  SHOW(is_exclusive);
  SHOW(ioctl(slave, TIOCNXCL));
  SHOW(open(path, O_RDWR | O_NOCTTY) > 0);
  SHOW(ioctl(slave, 0x5499));
  SHOW(ioctl(slave, TIOCSTI, NULL) < 0);
  close_pair();
}

int main(void) {
  begin();
  names();
  both_ways();
  blocking();
  slave_closes();
  master_closes();
  session_is_hung_up();
  leader_ends();
  stopped_jobs();
  packets();
  exclusive();
  return 0;
}
