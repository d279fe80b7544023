// SPDX-License-Identifier: MIT
// What is known about files: statx(2), utimensat(2), statfs(2), access(2), and the errors of extended attributes.

#include "check.h"

#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#define statfs(path, out) syscall(SYS_statfs, path, out) // musl writes to it first

struct statx_time { int64_t sec; uint32_t nsec; int32_t reserved; };
struct statx_data {
  uint32_t mask, blksize; uint64_t attributes; uint32_t nlink, uid, gid; uint16_t mode, spare; uint64_t ino, size, blocks, attributes_mask;
  struct statx_time atime, btime, ctime, mtime;
  uint32_t rdev_major, rdev_minor, dev_major, dev_minor; uint64_t mnt_id; uint64_t more[13];
};
static long get(int dir, const char *path, int flags, unsigned mask, struct statx_data *out) {
  memset(out, 0xee, sizeof *out);
  return syscall(SYS_statx, dir, path, flags, mask, out);
}

static void extended_stat(void) {
  struct statx_data x;
  struct stat about;
  write_file("f", "twelve bytes", 0640);
  SHOW(get(AT_FDCWD, "f", 0, 0x7ff, &x));
  SHOW(stat("f", &about));
  SHOW((x.mask & 0x7ff) == 0x7ff || (x.mask & 0x7ff) == 0x7ff - 0x800);
  say("mode %o links %u size %lu blksize %u\n", x.mode, x.nlink, (unsigned long)x.size, x.blksize);
  SHOW(x.ino == about.st_ino), SHOW(x.uid == about.st_uid), SHOW(x.gid == about.st_gid), SHOW(x.blocks == (uint64_t)about.st_blocks);
  SHOW(x.mtime.sec == about.st_mtim.tv_sec && x.mtime.nsec == about.st_mtim.tv_nsec);
  SHOW(x.ctime.sec == about.st_ctim.tv_sec && x.ctime.nsec == about.st_ctim.tv_nsec);
  SHOW(x.dev_major == major(about.st_dev) && x.dev_minor == minor(about.st_dev));
  SHOW((x.mask & 0x800) == 0); // the time of birth was not asked for
  SHOW(x.mnt_id == 0);
  SHOW(get(AT_FDCWD, "f", 0, 0x80000000, &x)); // reserved
  SHOW(get(AT_FDCWD, "f", 0x10, 0x7ff, &x));
  SHOW(get(AT_FDCWD, "f", 0x6000, 0x7ff, &x)); // both ways to synchronise
  SHOW(get(AT_FDCWD, "f", 0x4000, 0, &x));
  SHOW(get(AT_FDCWD, "missing", 0, 0x7ff, &x));
  SHOW(get(AT_FDCWD, "", 0, 0x7ff, &x));
  SHOW(get(AT_FDCWD, "", AT_EMPTY_PATH, 0x7ff, &x));
  SHOW(get(77, "f", 0, 0x7ff, &x));
  int fd = open("f", O_RDONLY);
  SHOW(get(fd, "", AT_EMPTY_PATH, 0x7ff, &x));
  SHOW(x.size);
  SHOW(get(fd, "x", 0, 0x7ff, &x));
  SHOW(get(AT_FDCWD, (void *)8, 0, 0x7ff, &x));
  SHOW(syscall(SYS_statx, AT_FDCWD, "f", 0, 0x7ff, 8));
  symlink("f", "link");
  SHOW(get(AT_FDCWD, "link", AT_SYMLINK_NOFOLLOW, 0x7ff, &x));
  SHOW(x.size);
  SHOW((x.mode & S_IFMT) == S_IFLNK);
  SHOW(get(AT_FDCWD, "/dev/null", 0, 0x7ff, &x));
  say("device %u:%u\n", x.rdev_major, x.rdev_minor);
  mkdir("d", 0755);
  SHOW(get(AT_FDCWD, "d", 0, 0x7ff, &x));
  SHOW((x.attributes & 0x2000) != 0); // a mount point?
  SHOW(get(AT_FDCWD, "/proc", 0, 0x7ff, &x));
  SHOW((x.attributes & x.attributes_mask & 0x2000) != 0);
  int pipes[2];
  pipe(pipes);
  SHOW(get(pipes[0], "", AT_EMPTY_PATH, 0x7ff, &x));
  say("mode %o\n", x.mode);
}

static void show_times(const char *path) {
  struct stat about;
  if (lstat(path, &about)) { say("%s: %s\n", path, errno_text(errno)); return; }
  say("%s: %ld.%09ld %ld.%09ld\n", path, (long)about.st_atim.tv_sec, about.st_atim.tv_nsec, (long)about.st_mtim.tv_sec, about.st_mtim.tv_nsec);
}
static long set(const char *path, long atime, long ans, long mtime, long mns, int flags) {
  struct timespec times[2] = {{atime, ans}, {mtime, mns}};
  return syscall(SYS_utimensat, AT_FDCWD, path, times, flags);
}

static void times(void) {
  SHOW(set("f", 1, 2, 3, 4, 0)), show_times("f");
  SHOW(set("f", 5, UTIME_OMIT, 6, 7, 0)), show_times("f");
  SHOW(set("f", 5, UTIME_OMIT, 6, UTIME_OMIT, 0)), show_times("f");
  SHOW(set("missing", 5, UTIME_OMIT, 6, UTIME_OMIT, 0));
  SHOW(set("f", -1, 0, -5, 0, 0)), show_times("f");
  SHOW(set("f", 0, 1000000000, 0, 0, 0));
  SHOW(set("f", 0, -1, 0, 0, 0));
  SHOW(set("link", 11, 0, 12, 0, AT_SYMLINK_NOFOLLOW)), show_times("link"), show_times("f");
  SHOW(set("link", 21, 0, 22, 0, 0)), show_times("f");
  SHOW(set("f", 1, 0, 2, 0, 0x77));
  int fd = open("f", O_RDONLY);
  struct timespec two[2] = {{31, 0}, {32, 0}};
  SHOW(futimens(fd, two)), show_times("f");
  SHOW(syscall(SYS_utimensat, fd, 0, two, 0));
  SHOW(syscall(SYS_utimensat, fd, "", two, AT_EMPTY_PATH));
  SHOW(syscall(SYS_utimensat, AT_FDCWD, 0, two, 0));
  SHOW(syscall(SYS_utimensat, 77, 0, two, 0));
  SHOW(syscall(SYS_utimensat, AT_FDCWD, "f", 8, 0));
  SHOW(syscall(SYS_utimensat, AT_FDCWD, "f", 0, 0)); // now
  struct stat about;
  stat("f", &about);
  SHOW(about.st_atim.tv_sec == about.st_mtim.tv_sec && about.st_atim.tv_nsec == about.st_mtim.tv_nsec && about.st_mtim.tv_sec > 1000000);
  two[0].tv_nsec = UTIME_NOW, two[1] = (struct timespec){40, 41};
  SHOW(syscall(SYS_utimensat, AT_FDCWD, "f", two, 0));
  stat("f", &about);
  SHOW(about.st_atim.tv_sec > 1000000);
  say("mtime %ld.%ld\n", (long)about.st_mtim.tv_sec, about.st_mtim.tv_nsec);
  int path = open("f", O_PATH);
  SHOW(futimens(path, two));
}

static void file_systems(void) {
  struct statfs fs;
  SHOW(statfs("f", &fs));
  SHOW(fs.f_bsize >= 512 && fs.f_namelen == 255 && fs.f_bfree <= fs.f_blocks && fs.f_bavail <= fs.f_bfree);
  SHOW(statfs("/proc", &fs)), say("type %lx\n", (long)fs.f_type & 0xffffffff);
  say("%ld %ld\n", (long)fs.f_bsize, (long)fs.f_namelen);
  SHOW(statfs("missing", &fs));
  SHOW(statfs("f/x", &fs));
  SHOW(statfs("f", (void *)8));
  int pipes[2];
  pipe(pipes);
  SHOW(fstatfs(pipes[0], &fs)), say("type %lx\n", (long)fs.f_type & 0xffffffff);
  SHOW(fstatfs(77, &fs));
  int fd = (int)syscall(SYS_memfd_create, "m", 0);
  SHOW(fstatfs(fd, &fs)), say("type %lx\n", (long)fs.f_type & 0xffffffff);
  int path = open("f", O_PATH);
  SHOW(fstatfs(path, &fs));
}

static void extended_attributes(void) {
  char value[100], name[300] = "user.";
  SHOW(setxattr("missing", "user.a", "x", 1, 0));
  SHOW(getxattr("missing", "user.a", value, 100));
  SHOW(listxattr("missing", value, 100));
  SHOW(removexattr("missing", "user.a"));
  SHOW(setxattr("f", "user.a", "x", 1, 77));
  SHOW(setxattr("f", "", "x", 1, 0));
  memset(name + 5, 'n', 251), name[256] = 0;
  SHOW(setxattr("f", name, "x", 1, 0));
  SHOW(setxattr("f", (void *)8, "x", 1, 0));
  SHOW(setxattr("f", "user.a", "x", 65537, 0));
  SHOW(fsetxattr(77, "user.a", "x", 1, 0));
  SHOW(fgetxattr(77, "user.a", value, 100));
  SHOW(flistxattr(77, value, 100));
  SHOW(getxattr("f", "nonsense", value, 100));
  SHOW(setxattr("f", "nonsense", "x", 1, 0));
  int path = open("f", O_PATH);
  SHOW(fgetxattr(path, "user.a", value, 100));
}

static void permissions(void) {
  write_file("x", "", 0600);
  SHOW(access("f", F_OK)), SHOW(access("f", R_OK | W_OK)), SHOW(access("missing", F_OK)), SHOW(access("f", 77)), SHOW(access("f/x", F_OK));
  SHOW(syscall(SYS_faccessat2, AT_FDCWD, "f", X_OK, 0));
  SHOW(syscall(SYS_faccessat2, AT_FDCWD, "f", F_OK, 0x77));
  SHOW(syscall(SYS_faccessat2, AT_FDCWD, "link", F_OK, AT_SYMLINK_NOFOLLOW));
  SHOW(syscall(SYS_faccessat2, AT_FDCWD, "f", R_OK, AT_EACCESS));
  int fd = open("f", O_PATH);
  SHOW(syscall(SYS_faccessat2, fd, "", R_OK, AT_EMPTY_PATH));
  SHOW(syscall(SYS_fchmod, fd, 0600));
  SHOW(syscall(SYS_fchown, fd, -1, -1));
  SHOW(syscall(452, AT_FDCWD, "link", 0600, AT_SYMLINK_NOFOLLOW)); // fchmodat2
  SHOW(syscall(452, fd, "", 0604, AT_EMPTY_PATH));
  struct stat about;
  stat("f", &about);
  say("mode %o\n", about.st_mode);
  SHOW(syscall(452, AT_FDCWD, "f", 0604, 0x77));
  SHOW(chmod("f", 07777)), stat("f", &about), say("mode %o\n", about.st_mode);
  SHOW(chmod("f", 0200000)), stat("f", &about), say("mode %o\n", about.st_mode);
}

int main(void) {
  enter_scratch_directory();
  extended_stat();
  times();
  file_systems();
  extended_attributes();
  permissions();
  return 0;
}
