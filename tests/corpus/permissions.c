// SPDX-License-Identifier: MIT
// Permissions and credentials. Needs root, to become somebody else: owner 1000, group 2000, extra group 3000.

#include "check.h"

#include <grp.h>
#include <sys/fsuid.h>

static char self[4096];

static void become(uid_t uid, gid_t gid, gid_t extra) {
  MUST(setgroups(extra ? 1 : 0, &extra));
  MUST(setresgid(gid, gid, gid));
  MUST(setresuid(uid, uid, uid));
}

#define AS(uid, gid, extra, ...)      \
  do {                                \
    pid_t child = fork();             \
    if (child == 0) {                 \
      become(uid, gid, extra);        \
      __VA_ARGS__;                    \
      _exit(0);                       \
    }                                 \
    reap("as " #uid " " #gid, child); \
  } while (0)

static void reading_and_writing(void) {
  static const mode_t modes[] = {0600, 0060, 0006, 0400, 0244, 0707};
  static const struct { uid_t uid; gid_t gid, extra; } who[] = {{1000, 1, 0}, {1, 2000, 0}, {1, 1, 2000}, {1, 1, 0}, {0, 0, 0}};
  char name[16];
  for (size_t i = 0; i < COUNT(modes); i++) {
    snprintf(name, sizeof name, "m%o", modes[i]);
    write_file(name, "x", modes[i]);
    MUST(chown(name, 1000, 2000));
  }
  for (size_t w = 0; w < COUNT(who); w++)
    AS(who[w].uid, who[w].gid, who[w].extra, for (size_t i = 0; i < COUNT(modes); i++) {
      snprintf(name, sizeof name, "m%o", modes[i]);
      int in = open(name, O_RDONLY), out = open(name, O_WRONLY);
      say("  %u:%u+%u %s read %d write %d access rwx %d%d%d\n", who[w].uid, who[w].gid, who[w].extra, name, in >= 0, out >= 0,
          access(name, R_OK) == 0, access(name, W_OK) == 0, access(name, X_OK) == 0);
    });
}

static void directories(void) {
  struct stat about;
  mkdir("closed", 0700), write_file("closed/file", "x", 0666);
  mkdir("search-only", 0711), write_file("search-only/file", "x", 0666);
  mkdir("list-only", 0755), write_file("list-only/file", "x", 0666), chmod("list-only", 0744);
  mkdir("sticky", 0777), chmod("sticky", 01777), write_file("sticky/roots", "x", 0666);
  mkdir("inherit", 0777), MUST(chown("inherit", 0, 2000)), chmod("inherit", 02777);
  AS(1000, 1000, 0, {
    SHOW(open("closed/file", O_RDONLY));
    SHOW(open("closed/missing", O_RDONLY));
    SHOW(open("search-only/file", O_RDONLY) >= 0);
    SHOW(open("search-only", O_RDONLY));
    SHOW(open("list-only/file", O_RDONLY));
    SHOW(open("list-only", O_RDONLY) >= 0);
    SHOW(chdir("closed"));
    SHOW(chdir("search-only"));
    SHOW(open("new", O_WRONLY | O_CREAT, 0644));
    SHOW(chdir(".."));
    SHOW(unlink("search-only/file"));
    SHOW(unlink("sticky/roots"));
    SHOW(rename("sticky/roots", "sticky/mine"));
    SHOW(mkdir("sticky/own", 0700));
    SHOW(rmdir("sticky/own"));
    SHOW(close(open("inherit/file", O_WRONLY | O_CREAT, 0644)));
    SHOW(mkdir("inherit/sub", 0755));
  });
  stat("inherit/file", &about);
  say("inherit/file: %u:%u %o\n", about.st_uid, about.st_gid, about.st_mode);
  stat("inherit/sub", &about);
  say("inherit/sub: %u:%u %o\n", about.st_uid, about.st_gid, about.st_mode);
}

static void owners_rights(void) {
  struct stat about;
  struct timespec now[2] = {{0, UTIME_NOW}, {0, UTIME_NOW}}, then[2] = {{1, 0}, {1, 0}};
  write_file("mine", "x", 0644), MUST(chown("mine", 1000, 1000));
  write_file("roots", "x", 0666);
  AS(1000, 1000, 2000, {
    SHOW(chmod("mine", 0600));
    SHOW(chmod("roots", 0600));
    SHOW(chown("mine", 1001, -1));
    SHOW(chown("mine", -1, 2000)); // a group of one's own
    SHOW(chown("mine", -1, 3000));
    SHOW(chown("roots", -1, 2000));
    SHOW(utimensat(AT_FDCWD, "roots", now, 0)); // now: write permission is enough
    SHOW(utimensat(AT_FDCWD, "roots", then, 0));
    SHOW(utimensat(AT_FDCWD, "mine", then, 0));
    SHOW(mknod("device", S_IFCHR | 0600, 0x103));
    SHOW(chroot("."));
  });
  stat("mine", &about);
  say("mine: %u:%u mtime %ld\n", about.st_uid, about.st_gid, (long)about.st_mtime);
  SHOW(chmod("mine", 06755));
  SHOW(chown("mine", 1000, 1000)); // takes the set-id bits away
  stat("mine", &about);
  say("mine: %o\n", about.st_mode);
  umask(0137);
  close(open("masked", O_WRONLY | O_CREAT, 07777)), mkdir("masked-d", 01777);
  stat("masked", &about), say("masked: %o\n", about.st_mode);
  stat("masked-d", &about), say("masked-d: %o\n", about.st_mode);
  umask(022);
}

static void executing(void) {
  char *argv[] = {"x", "ids", 0}, *envp[] = {0};
  write_file("no-x", "#!/bin/nothing\n", 0666);
  SHOW(execve("no-x", argv, envp)); // root needs an x bit too
  AS(1000, 1000, 0, SHOW(execve("no-x", argv, envp)));
  char bytes[4096];
  int in = (int)MUST(open(self, O_RDONLY)), out = (int)MUST(open("copy", O_WRONLY | O_CREAT, 0755));
  for (ssize_t n; (n = read(in, bytes, sizeof bytes)) > 0;) MUST(write(out, bytes, (size_t)n));
  close(in), close(out);
  MUST(chown("copy", 1000, 2000));
  AS(5, 5, 0, execve("copy", argv, envp));
  chmod("copy", 0700);
  AS(5, 5, 0, SHOW(execve("copy", argv, envp)));
}

static void print_ids(const char *what) {
  uid_t r, e, s;
  gid_t rg, eg, sg;
  getresuid(&r, &e, &s), getresgid(&rg, &eg, &sg);
  say("  %s: uid %u %u %u gid %u %u %u groups %d\n", what, r, e, s, rg, eg, sg, getgroups(0, 0));
}

static void changing_ids(void) {
  pid_t victim = fork();
  if (victim == 0)
    for (;;) pause();
  AS(1000, 1000, 3000, {
    print_ids("unprivileged");
    SHOW(setuid(0));
    SHOW(setresuid(-1, 0, -1));
    SHOW(setgroups(0, 0));
    SHOW(setgid(2000));
    SHOW(kill(victim, SIGTERM));
    SHOW(kill(victim, 0));
    SHOW(setuid(1000));
  });
  kill(victim, SIGKILL);
  reap("victim", victim);
  pid_t child = fork();
  if (child == 0) {
    SHOW(setreuid(1000, 2000));
    print_ids("setreuid");
    SHOW(seteuid(1000));
    SHOW(setresuid(2000, 1000, 2000));
    print_ids("swapped");
    SHOW(seteuid(0));
    _exit(0);
  }
  reap("setreuid", child);
  child = fork();
  if (child == 0) {
    SHOW(seteuid(1000));
    print_ids("seteuid");
    SHOW(open("closed/file", O_RDONLY));
    SHOW(access("closed/file", R_OK)); // asks for the real user
    SHOW(faccessat(AT_FDCWD, "closed/file", R_OK, AT_EACCESS));
    SHOW(seteuid(0));
    SHOW(open("closed/file", O_RDONLY) >= 0);
    SHOW(setfsuid(1000));
    SHOW(setfsuid(-1));
    SHOW(open("closed/file", O_RDONLY));
    _exit(0);
  }
  reap("seteuid", child);
}

int main(int argc, char **argv) {
  if (argc > 1) {
    print_ids("executed");
    return 6;
  }
  if (!realpath(argv[0], self)) return 1;
  enter_scratch_directory();
  chmod(".", 0777);
  MUST(setgroups(0, 0));
  reading_and_writing();
  directories();
  owners_rights();
  executing();
  changing_ids();
  return 0;
}
