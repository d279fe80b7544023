// SPDX-License-Identifier: MIT
// Advisory locks: fcntl(2) record locks of processes and of open files, flock(2). Two processes take turns over pipes.

#include "check.h"

#include <sys/file.h>

#ifndef F_OFD_GETLK
#define F_OFD_GETLK 36
#define F_OFD_SETLK 37
#define F_OFD_SETLKW 38
#endif

static int fd;
static struct flock range(int type, off_t start, off_t length) {
  return (struct flock){.l_type = (short)type, .l_whence = SEEK_SET, .l_start = start, .l_len = length};
}
static int lock(int command, int type, off_t start, off_t length) {
  struct flock lock = range(type, start, length);
  return fcntl(fd, command, &lock);
}
static void conflict(int command, int type, off_t start, off_t length, pid_t known) {
  struct flock lock = range(type, start, length);
  if (fcntl(fd, command, &lock)) say("conflict: %s\n", errno_text(errno));
  else if (lock.l_type == F_UNLCK) say("conflict: none\n");
  else say("conflict: %s %ld+%ld by %s\n", lock.l_type == F_RDLCK ? "read" : "write", (long)lock.l_start, (long)lock.l_len, lock.l_pid == known ? "the known one" : lock.l_pid == -1 ? "an open file" : "another");
}
/** Runs a part of the test in a child that has opened the file itself. */
static void in_child(void (*part)(void)) {
  pid_t child = fork();
  if (child == 0) {
    close(fd);
    fd = (int)MUST(open("f", O_RDWR));
    part();
    _exit(0);
  }
  reap("child", child);
}

static void others(void) {
  SHOW(lock(F_SETLK, F_RDLCK, 0, 10));
  SHOW(lock(F_SETLK, F_WRLCK, 0, 10));
  SHOW(lock(F_SETLK, F_WRLCK, 15, 1));
  SHOW(lock(F_SETLK, F_RDLCK, 15, 1));
  SHOW(lock(F_SETLK, F_WRLCK, 20, 0));
  SHOW(lock(F_SETLK, F_WRLCK, 1000, 10));
  conflict(F_GETLK, F_WRLCK, 0, 0, getppid());
  conflict(F_GETLK, F_RDLCK, 0, 0, getppid());
  conflict(F_GETLK, F_WRLCK, 12, 1, getppid());
  conflict(F_GETLK, F_WRLCK, 2000, 1, getppid());
  conflict(F_OFD_GETLK, F_WRLCK, 0, 0, getppid());
}

static void records(void) {
  SHOW(lock(F_SETLK, F_RDLCK, 0, 10));
  SHOW(lock(F_SETLK, F_WRLCK, 15, 10));
  in_child(others);
  SHOW(lock(F_SETLK, F_UNLCK, 17, 2)); // splits it
  in_child(others);
  SHOW(lock(F_SETLK, F_WRLCK, 0, 100)); // joins all
  in_child(others);
  struct flock backwards = {.l_type = F_WRLCK, .l_whence = SEEK_END, .l_start = 0, .l_len = -10};
  SHOW(lock(F_SETLK, F_UNLCK, 0, 0));
  SHOW(fcntl(fd, F_SETLK, &backwards));
  in_child(others);
  int copy = dup(fd);
  SHOW(close(copy)); // any descriptor of the file
  in_child(others);
  SHOW(lock(F_SETLK, 77, 0, 10));
  SHOW(lock(F_SETLK, F_WRLCK, -1, 10));
  SHOW(lock(F_SETLK, F_WRLCK, 5, -6));
  SHOW(lock(F_SETLK, F_WRLCK, 0x7fffffffffffffff, 1));
  SHOW(lock(F_SETLK, F_WRLCK, 0x7fffffffffffffff, 2));
  SHOW(lock(F_SETLK, F_UNLCK, 0, 0));
  SHOW(fcntl(fd, F_SETLK, (void *)8));
  SHOW(fcntl(77, F_SETLK, &backwards));
  SHOW(lock(F_GETLK, F_UNLCK, 0, 10));
  struct flock bad = range(F_RDLCK, 0, 10);
  bad.l_pid = 5;
  SHOW(fcntl(fd, F_OFD_SETLK, &bad));
  int reader = open("f", O_RDONLY), writer = open("f", O_WRONLY), path = open("f", O_PATH);
  struct flock read_lock = range(F_RDLCK, 0, 1), write_lock = range(F_WRLCK, 0, 1);
  SHOW(fcntl(reader, F_SETLK, &write_lock));
  SHOW(fcntl(writer, F_SETLK, &read_lock));
  SHOW(fcntl(path, F_SETLK, &read_lock));
  close(reader), close(writer), close(path);
}

static void ofd_others(void) {
  SHOW(lock(F_OFD_SETLK, F_RDLCK, 0, 5));
  SHOW(lock(F_SETLK, F_WRLCK, 0, 5));
  conflict(F_GETLK, F_WRLCK, 0, 0, 0);
  conflict(F_OFD_GETLK, F_WRLCK, 0, 0, 0);
}

static void open_files(void) {
  SHOW(lock(F_OFD_SETLK, F_WRLCK, 0, 10));
  in_child(ofd_others);
  SHOW(lock(F_SETLK, F_WRLCK, 0, 10)); // one's own, too
  int copy = dup(fd);
  pid_t child = fork(); // shares the open file and so the lock
  if (child == 0) {
    SHOW(lock(F_OFD_SETLK, F_WRLCK, 0, 10));
    SHOW(lock(F_OFD_SETLK, F_UNLCK, 5, 5));
    _exit(0);
  }
  reap("heir", child);
  close(copy);
  in_child(ofd_others);
  SHOW(lock(F_OFD_SETLK, F_UNLCK, 0, 0));
}

static void wait_for_it(void) {
  SHOW(lock(F_SETLKW, F_WRLCK, 0, 10));
}
static void waits(void) {
  SHOW(lock(F_SETLK, F_WRLCK, 0, 10));
  pid_t child = fork();
  if (child == 0) {
    fd = (int)MUST(open("f", O_RDWR));
    wait_for_it();
    _exit(0);
  }
  usleep(20000);
  say("now\n");
  SHOW(lock(F_SETLK, F_UNLCK, 0, 10));
  reap("waiter", child);

  int ready[2], go[2];
  pipe(ready), pipe(go);
  SHOW(lock(F_SETLK, F_WRLCK, 0, 1));
  child = fork();
  if (child == 0) {
    lock(F_SETLK, F_WRLCK, 1, 1);
    write(ready[1], "", 1);
    _exit(lock(F_SETLKW, F_WRLCK, 0, 1) ? 1 : 0);
  }
  char byte;
  read(ready[0], &byte, 1);
  usleep(50000);
  SHOW(lock(F_SETLKW, F_WRLCK, 1, 1)); // each would wait for the other
  SHOW(lock(F_SETLK, F_UNLCK, 0, 0));
  reap("the other", child);
}

static void flocks(void) {
  SHOW(flock(fd, LOCK_EX));
  int other = (int)MUST(open("f", O_RDONLY));
  SHOW(flock(other, LOCK_SH | LOCK_NB));
  SHOW(flock(fd, LOCK_SH));
  SHOW(flock(other, LOCK_SH | LOCK_NB));
  SHOW(flock(other, LOCK_EX | LOCK_NB));
  SHOW(flock(fd, LOCK_UN));
  SHOW(flock(other, LOCK_EX | LOCK_NB));
  SHOW(flock(fd, 0));
  SHOW(flock(77, LOCK_SH));
  SHOW(flock(fd, LOCK_UN | LOCK_EX));
  close(other);
  SHOW(flock(fd, LOCK_EX | LOCK_NB));
  SHOW(lock(F_SETLK, F_WRLCK, 0, 0)); // the two kinds do not see each other
  int pipes[2];
  pipe(pipes);
  SHOW(flock(pipes[0], LOCK_EX));
}

int main(void) {
  enter_scratch_directory();
  fd = (int)MUST(open("f", O_RDWR | O_CREAT, 0600));
  ftruncate(fd, 50);
  records();
  open_files();
  waits();
  flocks();
  return 0;
}
