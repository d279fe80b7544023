// SPDX-License-Identifier: MIT
// openat2(2): every RESOLVE flag, and what the call checks before it opens.

#include "check.h"

#include <stdbool.h>

struct how { // struct open_how of openat2(2), which libc headers may lack
  uint64_t flags, mode, resolve;
};

enum { NO_XDEV = 1, NO_MAGICLINKS = 2, NO_SYMLINKS = 4, BENEATH = 8, IN_ROOT = 16, CACHED = 32 };

static int base;

/** Opens, prints the result, and what a file that was opened contains. */
static void try(const char *path, uint64_t flags, uint64_t mode, uint64_t resolve) {
  struct how how = {flags, mode, resolve};
  char bytes[32] = {0};
  long fd = syscall(437, base, path, &how, sizeof how);
  say("%s flags 0%lo mode 0%lo resolve %lu: ", path, (unsigned long)flags, (unsigned long)mode, (unsigned long)resolve);
  if (fd < 0) {
    say("%s\n", errno_text(errno));
    return;
  }
  if (read((int)fd, bytes, sizeof bytes - 1) < 0) snprintf(bytes, sizeof bytes, "(%s)", errno_text(errno));
  say("%ld \"%s\"\n", fd, bytes);
  close((int)fd);
}

static void resolving(void) {
  static const char *const paths[] = {"file", "sub/file", "../outside", "sub/../file", "sub/../../outside", "to-file", "to-outside",
                                      "to-absolute", "/outside", "up/file", "to-root", "missing", "/proc/self/exe", "loop", ".", "sub/up-twice"};
  static const uint64_t ways[] = {0, NO_SYMLINKS, BENEATH, IN_ROOT, NO_MAGICLINKS, NO_XDEV, BENEATH | NO_SYMLINKS};
  for (size_t w = 0; w < COUNT(ways); w++)
    for (size_t p = 0; p < COUNT(paths); p++) {
      if (strcmp(paths[p], "/proc/self/exe") == 0 && ways[w] != NO_MAGICLINKS) continue; // what it contains differs
      bool is_absolute = paths[p][0] == '/' || strcmp(paths[p], "to-absolute") == 0 || strcmp(paths[p], "to-root") == 0;
      if (ways[w] == NO_XDEV && is_absolute) continue; // this may be another mount, or not
      try(paths[p], O_RDONLY, 0, ways[w]);
    }
}

static void checks(void) {
  struct how how = {O_RDONLY, 0, 0};
  struct { struct how how; uint64_t more; } longer = {how, 0};
  SHOW(syscall(437, base, "file", &how, 23));
  SHOW(syscall(437, base, "file", &how, 4097));
  SHOW(syscall(437, base, "file", &longer, sizeof longer));
  longer.more = 1;
  SHOW(syscall(437, base, "file", &longer, sizeof longer));
  SHOW(syscall(437, base, "file", (void *)8, sizeof how));
  SHOW(syscall(437, base, (char *)8, &how, sizeof how));
  SHOW(syscall(437, 77, "file", &how, sizeof how));
  try("", O_RDONLY, 0, 0);
  try("file", 1UL << 40, 0, 0);
  try("file", O_RDONLY, 0, 64);
  try("file", O_RDONLY, 0, BENEATH | IN_ROOT);
  try("file", O_RDONLY, 0644, 0);
  try("new", O_RDWR | O_CREAT, 010644, 0);
  try("new", O_RDWR | O_CREAT, 0644, CACHED);
  try("file", O_RDWR | O_TRUNC, 0, CACHED);
  try("new", O_RDWR | O_CREAT | O_EXCL, 0600, BENEATH);
  try("../new", O_RDWR | O_CREAT, 0600, BENEATH);
  try("/made", O_RDWR | O_CREAT, 0600, IN_ROOT);
  try("file", O_PATH | O_RDWR, 0, 0); // openat(2) would ignore the second
  try("file", O_PATH, 0, 0);
  try("to-file", O_RDONLY | O_NOFOLLOW, 0, 0);
  try("to-file", O_PATH | O_NOFOLLOW, 0, NO_SYMLINKS);
  try("sub", O_RDONLY | O_DIRECTORY, 0, BENEATH);
  try("file", O_RDONLY | O_DIRECTORY, 0, 0);
  struct stat about;
  SHOW(fstatat(base, "made", &about, 0)); // the root was the directory
  say("mode %o\n", about.st_mode & 07777);
}

int main(void) {
  enter_scratch_directory();
  write_file("outside", "outside", 0644);
  mkdir("base", 0755), mkdir("base/sub", 0755);
  write_file("base/file", "in base", 0644), write_file("base/sub/file", "in sub", 0644), write_file("base/outside", "a namesake", 0644);
  symlink("file", "base/to-file"), symlink("../outside", "base/to-outside"), symlink("/outside", "base/to-absolute");
  symlink("..", "base/sub/up"), symlink("sub/up", "base/up"), symlink("/", "base/to-root"), symlink("loop", "base/loop");
  symlink("../../base/file", "base/sub/up-twice");
  base = (int)MUST(open("base", O_RDONLY | O_DIRECTORY));
  resolving();
  checks();
  return 0;
}
