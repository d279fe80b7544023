// SPDX-License-Identifier: MIT
// Reading directories: every entry once, positions, changes meanwhile, the shape of getdents64's records. The order is the file
// system's own and not compared.

#include "check.h"

#include <dirent.h>

struct record { uint64_t ino; int64_t off; uint16_t length; uint8_t type; char name[]; };

static int by_name(const void *a, const void *b) { return strcmp(*(char **)a, *(char **)b); }

static int list(DIR *dir, char **names) {
  int count = 0;
  struct dirent *entry;
  while ((entry = readdir(dir))) names[count++] = strdup(entry->d_name);
  qsort(names, (size_t)count, sizeof *names, by_name);
  return count;
}
static void show_directory(const char *path) {
  char *names[400];
  DIR *dir = opendir(path);
  if (!dir) { say("%s: %s\n", path, errno_text(errno)); return; }
  int count = list(dir, names);
  say("%s:", path);
  for (int i = 0; i < count; i++) say(" %s", names[i]);
  say("\n");
  closedir(dir);
}

static void types(void) {
  mkdir("d", 0755), write_file("d/file", "", 0644), mkdir("d/dir", 0755), symlink("x", "d/link"), mkfifo("d/fifo", 0644);
  DIR *dir = opendir("d");
  struct dirent *entry;
  const char *wanted[] = {".", "..", "file", "dir", "link", "fifo"};
  for (size_t i = 0; i < COUNT(wanted); i++) {
    rewinddir(dir);
    while ((entry = readdir(dir)) && strcmp(entry->d_name, wanted[i]));
    struct stat about;
    fstatat(dirfd(dir), wanted[i], &about, AT_SYMLINK_NOFOLLOW);
    say("%s type %d same inode %d\n", wanted[i], entry ? entry->d_type : -1, entry && entry->d_ino == about.st_ino);
  }
  closedir(dir);
  show_directory("d");
  show_directory("missing");
  show_directory("d/file");
}

static void records(void) {
  char buffer[4096];
  int fd = open("d", O_RDONLY | O_DIRECTORY);
  SHOW(syscall(SYS_getdents64, fd, buffer, 10)); // not even one
  SHOW(syscall(SYS_getdents64, fd, (void *)8, 4096));
  SHOW(syscall(SYS_getdents64, 77, buffer, 4096));
  SHOW(syscall(SYS_getdents64, 0, buffer, 4096));
  long got = syscall(SYS_getdents64, fd, buffer, sizeof buffer);
  int count = 0, aligned = 1, in_order = 1;
  int64_t last = -1;
  for (long at = 0; at < got; count++) {
    struct record *record = (void *)(buffer + at);
    aligned &= record->length % 8 == 0 && record->length >= 19 + strlen(record->name) + 1;
    in_order &= record->off != last, last = record->off;
    at += record->length;
  }
  SHOW(count), SHOW(aligned), SHOW(in_order);
  SHOW(syscall(SYS_getdents64, fd, buffer, sizeof buffer));
  SHOW(lseek(fd, 0, SEEK_SET));
  int calls = 0, found = 0;
  while ((got = syscall(SYS_getdents64, fd, buffer, 32)) > 0) // one at a time
    for (long at = 0; calls++, at < got; found++) at += ((struct record *)(void *)(buffer + at))->length;
  SHOW(found);
  SHOW(lseek(fd, -1, SEEK_SET));
  close(fd);
  fd = open("d", O_RDONLY);
  SHOW(read(fd, buffer, 10));
  SHOW(write(fd, buffer, 10));
  SHOW(ftruncate(fd, 0));
  close(fd);
  fd = open("d", O_PATH);
  SHOW(syscall(SYS_getdents64, fd, buffer, sizeof buffer));
  close(fd);
}

static void many(void) {
  char name[40], *names[400], *again[400];
  mkdir("many", 0755);
  for (int i = 0; i < 300; i++) sprintf(name, "many/a-rather-long-name-%d", i), write_file(name, "", 0600);
  DIR *dir = opendir("many");
  int count = list(dir, names);
  SHOW(count);
  int doubles = 0;
  for (int i = 1; i < count; i++) doubles += !strcmp(names[i], names[i - 1]);
  SHOW(doubles);
  rewinddir(dir);
  long positions[400];
  char in_order[400][40];
  int at = 0;
  struct dirent *entry;
  for (;;) {
    positions[at] = telldir(dir);
    if (!(entry = readdir(dir))) break;
    strcpy(in_order[at++], entry->d_name);
  }
  int wrong = 0;
  for (int i = at - 1; i >= 0; i -= 7) {
    seekdir(dir, positions[i]);
    entry = readdir(dir);
    wrong += !entry || strcmp(entry->d_name, in_order[i]);
  }
  SHOW(wrong);
  seekdir(dir, positions[at]);
  SHOW(readdir(dir) == 0); // the end
  rewinddir(dir);
  int removed = 0, seen = 0;
  while ((entry = readdir(dir))) { // rm -r does this
    seen++;
    if (entry->d_name[0] == 'a') removed += unlinkat(dirfd(dir), entry->d_name, 0) == 0;
  }
  SHOW(seen), SHOW(removed);
  rewinddir(dir);
  SHOW(list(dir, again));
  write_file("many/new", "", 0600);
  rewinddir(dir);
  SHOW(list(dir, again));
  SHOW_TEXT(again[2]);
  unlink("many/new"), rmdir("many");
  rewinddir(dir);
  SHOW(list(dir, again)); // gone, but open
  SHOW(openat(dirfd(dir), "x", O_CREAT | O_WRONLY, 0600));
  SHOW(mkdirat(dirfd(dir), "x", 0700));
  struct stat about;
  SHOW(fstat(dirfd(dir), &about));
  SHOW(about.st_nlink);
  closedir(dir);
}

static void shared_position(void) {
  char buffer[64];
  int fd = open("d", O_RDONLY), copy = dup(fd);
  int total = 0;
  for (int turn = 0;; turn++) {
    long got = syscall(SYS_getdents64, turn & 1 ? fd : copy, buffer, 32);
    if (got <= 0) break;
    for (long at = 0; at < got; total++) at += ((struct record *)(void *)(buffer + at))->length;
  }
  SHOW(total);
  close(fd), close(copy);
}

static void links(void) {
  struct stat about;
  mkdir("p", 0755);
  stat("p", &about);
  SHOW(mkdir("p/a", 0755));
  SHOW(mkdir("p/b", 0755));
  SHOW(rmdir("p"));
  SHOW(rmdir("p/a/."));
  SHOW(rmdir("p/a/.."));
  SHOW(rename("p", "p/a/x"));
  SHOW(rename("p/a", "p/b"));
  show_directory("p");
  SHOW(link("p", "q"));
  SHOW(unlink("p"));
  SHOW(unlink("p/b/"));
  SHOW(rmdir("p/b/"));
  SHOW(rmdir("."));
}

int main(void) {
  enter_scratch_directory();
  types();
  records();
  many();
  shared_position();
  links();
  return 0;
}
