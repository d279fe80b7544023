// SPDX-License-Identifier: MIT
// Names that come and go in special ways: O_TMPFILE and linkat(2), renameat2(2)'s flags, hard links, long names, /proc/self/fd.

#include "check.h"

static int exchange(const char *a, const char *b, unsigned flags) { return (int)syscall(SYS_renameat2, AT_FDCWD, a, AT_FDCWD, b, flags); }
static void content(const char *name) {
  char text[100] = "";
  int fd = open(name, O_RDONLY);
  if (fd < 0) { say("%s: %s\n", name, errno_text(errno)); return; }
  if (read(fd, text, 99) < 0) strcpy(text, errno_text(errno));
  say("%s: \"%s\"\n", name, text);
  close(fd);
}

static void nameless(void) {
  struct stat about;
  char path[64], target[300];
  SHOW(open(".", O_TMPFILE | O_RDONLY, 0600));
  SHOW(open("missing", O_TMPFILE | O_RDWR, 0600));
  SHOW(open(".", (O_TMPFILE & ~O_DIRECTORY) | O_RDWR, 0600));
  write_file("f", "", 0600);
  SHOW(open("f", O_TMPFILE | O_RDWR, 0600));
  SHOW(open(".", O_TMPFILE | O_RDWR | O_CREAT, 0600));
  int fd = (int)SHOW(open(".", O_TMPFILE | O_RDWR, 0640));
  SHOW(fstat(fd, &about));
  say("mode %o links %d\n", about.st_mode, (int)about.st_nlink);
  SHOW(write(fd, "hello", 5));
  sprintf(path, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(path, target, sizeof target - 1);
  target[length < 0 ? 0 : length] = 0;
  SHOW(strstr(target, " (deleted)") != 0);
  SHOW(linkat(AT_FDCWD, path, AT_FDCWD, "named", AT_SYMLINK_FOLLOW));
  fstat(fd, &about);
  SHOW(about.st_nlink);
  content("named");
  SHOW(linkat(AT_FDCWD, path, AT_FDCWD, "named", AT_SYMLINK_FOLLOW));
  SHOW(linkat(AT_FDCWD, path, AT_FDCWD, "again", AT_SYMLINK_FOLLOW));
  int hidden = (int)MUST(open(".", O_TMPFILE | O_RDWR | O_EXCL, 0600));
  sprintf(path, "/proc/self/fd/%d", hidden);
  SHOW(linkat(AT_FDCWD, path, AT_FDCWD, "never", AT_SYMLINK_FOLLOW));
  unlink("named"), unlink("again");
  fstat(fd, &about);
  SHOW(about.st_nlink);
  sprintf(path, "/proc/self/fd/%d", fd);
  SHOW(linkat(AT_FDCWD, path, AT_FDCWD, "back", AT_SYMLINK_FOLLOW)); // deleted for good
  int again = open(path, O_RDONLY);
  SHOW(pread(again, target, 10, 0));
}

static void renames(void) {
  write_file("a", "A", 0600), write_file("b", "B", 0600), mkdir("d", 0700), mkdir("e", 0700), write_file("e/x", "X", 0600);
  SHOW(exchange("a", "b", 1)); // RENAME_NOREPLACE
  SHOW(exchange("a", "c", 1)), content("c");
  SHOW(exchange("c", "a", 0));
  SHOW(exchange("a", "b", 2)), content("a"), content("b"); // RENAME_EXCHANGE
  SHOW(exchange("a", "missing", 2));
  SHOW(exchange("missing", "a", 2));
  SHOW(exchange("a", "e", 2)), content("e"), content("a/x");
  SHOW(exchange("a", "e", 2));
  SHOW(exchange("d", "e/y", 2));
  SHOW(exchange("e", "e/x", 2)); // into itself
  SHOW(exchange("a", "b", 3));
  SHOW(exchange("a", "b", 8));
  SHOW(exchange("a", "d", 0));
  SHOW(exchange("d", "a", 0));
  SHOW(exchange("d", "e", 0));
  SHOW(exchange("e", "d", 0)), content("d/x");
  SHOW(exchange("a", "a", 0));
  SHOW(exchange("a", "a", 1));
  SHOW(link("a", "l"));
  SHOW(exchange("a", "l", 0)); // two names of one file: nothing happens
  SHOW(access("a", F_OK));
  SHOW(exchange("a", "a/", 0));
  SHOW(exchange("d/", "d2/", 0));
  SHOW(exchange("d2/.", "d3", 0));
  SHOW(exchange("..", "d3", 0));
  SHOW(exchange("/", "d3", 0));
}

static void links(void) {
  struct stat about;
  SHOW(link("missing", "m"));
  SHOW(link("a", "d2"));
  SHOW(link("d2", "m"));
  SHOW(link("a", "missing/m"));
  SHOW(symlink("a", "s"));
  SHOW(link("s", "s2")), lstat("s2", &about), SHOW(S_ISLNK(about.st_mode));
  SHOW(linkat(AT_FDCWD, "s", AT_FDCWD, "s3", AT_SYMLINK_FOLLOW)), lstat("s3", &about), SHOW(S_ISLNK(about.st_mode));
  SHOW(linkat(AT_FDCWD, "a", AT_FDCWD, "s4", 0x77));
  int fd = open("a", O_RDONLY), path = open("a", O_PATH);
  SHOW_OK(linkat(fd, "", AT_FDCWD, "s5", AT_EMPTY_PATH)); // root may
  SHOW(symlink("", "empty"));
  SHOW(symlink("x", "a"));
  SHOW(symlink("x", "new/"));
  char target[8];
  SHOW(readlink("s", target, 8)), SHOW(syscall(SYS_readlinkat, AT_FDCWD, "s", target, 0)), SHOW(readlink("a", target, 8)), SHOW(readlink("missing", target, 8));
  SHOW(symlink("loop2", "loop1")), SHOW(symlink("loop1", "loop2")), SHOW(open("loop1", O_RDONLY)), SHOW(open("loop1", O_RDONLY | O_NOFOLLOW));
  SHOW(readlinkat(path, "", target, 8));
  int link_path = open("s", O_PATH | O_NOFOLLOW);
  SHOW(readlinkat(link_path, "", target, 8));
}

static void long_names(void) {
  char name[5000], deep[5000] = "";
  memset(name, 'n', 256), name[256] = 0;
  SHOW(open(name, O_CREAT | O_WRONLY, 0600));
  name[255] = 0;
  SHOW(open(name, O_CREAT | O_WRONLY, 0600) >= 0);
  SHOW(mkdir(name, 0700));
  for (int i = 0; i < 4095; i++) deep[i] = i & 1 ? '/' : '.';
  SHOW(access(deep, F_OK));
  deep[4095] = '/', deep[4096] = 0;
  SHOW(access(deep, F_OK));
  SHOW(access("", F_OK));
  SHOW(access((char *)8, F_OK));
  SHOW(access("a/", F_OK));
  SHOW(access("a/.", F_OK));
  SHOW(access("d2/", F_OK));
  SHOW(open("newdir/", O_CREAT | O_WRONLY, 0600));
  SHOW(open("d2", O_CREAT | O_WRONLY, 0600));
  SHOW(open("d2", O_CREAT | O_RDONLY, 0600));
  SHOW(open("a", O_CREAT | O_EXCL | O_WRONLY, 0600));
  SHOW(open("s", O_CREAT | O_EXCL | O_WRONLY, 0600));
  SHOW(open("a", O_DIRECTORY));
  SHOW(mknod("n", S_IFREG | 0600, 0)), SHOW(mknod("n", S_IFREG | 0600, 0)), SHOW(mknod("n2", S_IFDIR | 0600, 0)), SHOW(mknod("n3", 0600, 0));
  SHOW(mkfifo("fifo", 0600)), SHOW(open("fifo", O_WRONLY | O_NONBLOCK)), SHOW(open("fifo", O_RDONLY | O_NONBLOCK) >= 0);
  char chain[4096];
  for (int i = 0; i < 41; i++) {
    sprintf(name, i ? "chain%d" : "a", i - 1), sprintf(chain, "chain%d", i);
    symlink(name, chain);
  }
  SHOW(access("chain39", F_OK));
  SHOW(access("chain40", F_OK)); // 40 links at most
}

int main(void) {
  enter_scratch_directory();
  nameless();
  renames();
  links();
  long_names();
  return 0;
}
