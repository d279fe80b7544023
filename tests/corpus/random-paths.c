// SPDX-License-Identifier: MIT
// Thousands of random calls on a handful of names: what exists, what is a link, whose it is and which error comes first is never
// the same for long. The generator is our own, so that every run makes the same calls. Needs root, to become other users and to
// shut itself into its directory. What depends on sysctls is left out: links to others' files, sticky directories for all.

#include "check.h"

#include <sys/fsuid.h>

#define SEEDS 4
#define STEPS 1500

static uint64_t state;

static unsigned dice(unsigned sides) {
  state = state * 6364136223846793005u + 1442695040888963407u;
  return (unsigned)(state >> 33) % sides;
}

#define PICK(...) ((const int[]){__VA_ARGS__}[dice(sizeof((int[]){__VA_ARGS__}) / sizeof(int))])

static const char *any_path(char *to) {
  static const char *const odd[] = {"", ".", "..", "/", "a/.", "a/..", "l/..", "//a", "./a", "a//b", "a/b/.."};
  static const char *const names[] = {"a", "b", "c", "d", "l", "m", ".."};
  if (dice(50) == 0) return odd[dice(COUNT(odd))];
  if (dice(200) == 0) return memset(to, 'x', 256), to[256] = 0, to;
  int depth = PICK(1, 1, 1, 1, 2, 2, 3);
  to[0] = 0;
  if (dice(12) == 0) strcat(to, "/");
  for (int i = 0; i < depth; i++) {
    if (i) strcat(to, "/");
    strcat(to, names[dice(i ? 7 : 6)]);
  }
  if (dice(16) == 0) strcat(to, "/");
  return to;
}

static void result(long value) {
  say(" = %s\n", value == -1 ? errno_text(errno) : "ok");
}

static void try_open(const char *path) {
  struct { uint64_t flags, mode, resolve; } how = {0, 0, 0};
  how.flags = (unsigned)PICK(O_RDONLY, O_RDWR, O_RDWR, O_WRONLY, 3) | O_NONBLOCK;
  if (dice(5) < 3) how.flags |= O_CREAT;
  if (dice(10) == 0) how.flags |= O_EXCL;
  if (dice(5) == 0) how.flags |= O_TRUNC;
  if (dice(16) == 0) how.flags |= O_DIRECTORY;
  if (dice(8) == 0) how.flags |= O_NOFOLLOW;
  if (dice(8) == 0) how.flags |= O_APPEND;
  if (dice(10) == 0) how.flags = 010000000 | (how.flags & (O_NOFOLLOW | O_DIRECTORY)); // O_PATH
  if (how.flags & O_CREAT) how.mode = (unsigned)PICK(0644, 0666, 0600, 04755, 02755, 07777, 0);
  if (dice(2)) how.resolve = (unsigned)PICK(0, 1, 2, 4, 8, 16, 24, 12, 20, 9);
  say("openat2 %s 0%o 0%o %d", path, (unsigned)how.flags, (unsigned)how.mode, (int)how.resolve);
  int fd = (int)syscall(437, AT_FDCWD, path, &how, sizeof how);
  result(fd < 0 ? -1 : 0);
  if (fd < 0) return;
  if (dice(2)) {
    say("  write");
    result(write(fd, "hello", 5));
  }
  close(fd);
}

static void look(const char *path, int flags) {
  struct stat about;
  say("fstatat %s 0x%x", path, flags);
  int failed = fstatat(AT_FDCWD, path, &about, flags);
  result(failed);
  if (failed) return;
  int has_size = S_ISREG(about.st_mode) || S_ISLNK(about.st_mode);
  say("  %06o %d %d %d %d\n", about.st_mode, (int)about.st_nlink, about.st_uid, about.st_gid, has_size ? (int)about.st_size : 0);
}

static void read_link(const char *path) {
  char target[64];
  say("readlink %s", path);
  long length = readlink(path, target, sizeof target);
  result(length);
  if (length > 0) say("  %.*s\n", (int)length, target);
}

static void touch(const char *path) {
  static const struct timespec times[][2] = {{{0, UTIME_NOW}, {0, UTIME_NOW}}, {{5, 6}, {7, 8}}, {{0, UTIME_OMIT}, {0, UTIME_OMIT}}};
  unsigned which = dice(4);
  int flags = PICK(0, AT_SYMLINK_NOFOLLOW);
  say("utimensat %s %u 0x%x", path, which, flags);
  result(utimensat(AT_FDCWD, path, which == 3 ? NULL : times[which], flags));
}

static int user;

static void step(void) {
  static const char *const targets[] = {"a", "b", "/a", "a/b", "..", "l", "m", "nowhere", "a/", ".", "../a", "b/../c", "/"};
  char one[512], two[512];
  const char *path = any_path(one), *other = any_path(two);
  int flags, mode;
  switch (dice(20)) {
    case 0: case 1:
      mode = PICK(0755, 0777, 0777, 0777, 0700, 02777, 0555);
      return say("mkdir %s 0%o", path, mode), result(mkdir(path, mode));
    case 2:
      mode = PICK(010644, 0100644, 0140644, 0644, 040755, 0100000, 0106755, 050000);
      return say("mknod %s 0%o", path, mode), result(mknod(path, mode, 0x103));
    case 3: return say("unlink %s", path), result(unlink(path));
    case 4: return say("rmdir %s", path), result(rmdir(path));
    case 5: case 6:
      other = targets[dice(COUNT(targets))];
      return say("symlink %s %s", other, path), result(symlink(other, path));
    case 7:
      flags = PICK(0, 0, AT_SYMLINK_FOLLOW, 0x1000, 1);
      if (user != 0) return;
      return say("linkat %s %s 0x%x", path, other, flags), result(linkat(AT_FDCWD, path, AT_FDCWD, other, flags));
    case 8: case 9: case 10:
      flags = PICK(0, 0, 0, 0, 1, 2, 3, 8);
      return say("renameat2 %s %s %d", path, other, flags), result(syscall(SYS_renameat2, AT_FDCWD, path, AT_FDCWD, other, flags));
    case 11: return read_link(path);
    case 12: case 13: return look(path, PICK(0, AT_SYMLINK_NOFOLLOW));
    case 14:
      mode = PICK(0, 1, 2, 4, 6, 7);
      flags = PICK(0, AT_SYMLINK_NOFOLLOW, AT_EACCESS);
      return say("faccessat2 %s %d 0x%x", path, mode, flags), result(syscall(439, AT_FDCWD, path, mode, flags));
    case 15:
      mode = PICK(0644, 0755, 0777, 0777, 0777, 04755, 02755, 06777, 0, 02644, 0200, 0666, 0400, 0111);
      return say("chmod %s 0%o", path, mode), result(chmod(path, mode));
    case 16: {
      int uid = PICK(-1, 0, 1000, 1001), gid = PICK(-1, 0, 1000, 1001);
      flags = PICK(0, AT_SYMLINK_NOFOLLOW);
      return say("fchownat %s %d %d 0x%x", path, uid, gid, flags), result(fchownat(AT_FDCWD, path, uid, gid, flags));
    }
    case 17:
      mode = PICK(0, 5, 10000, -1);
      return say("truncate %s %d", path, mode), result(truncate(path, mode));
    case 18: return touch(path);
    default:
      user = PICK(0, 0, 0, 1000, 1000, 1001);
      setfsuid(0);
      setfsgid(user);
      setfsuid(user);
      say("as %d\n", user);
  }
}

int main(void) {
  enter_scratch_directory();
  umask(0);
  for (int seed = 1; seed <= SEEDS; seed++) {
    setfsuid(user = 0);
    setfsgid(0);
    MUST(mkdir("root", 0777));
    MUST(chroot("root"));
    MUST(chdir("/"));
    state = (uint64_t)seed;
    for (int i = 0; i < STEPS; i++) {
      say("%d ", i);
      if (dice(3)) step();
      else try_open(any_path((char[512]){0}));
    }
  }
  return 0;
}
