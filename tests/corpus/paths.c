// SPDX-License-Identifier: MIT
// Names in the file system: creating, linking, renaming, following symbolic links, walking, and what each refuses.

#include "check.h"

#include <dirent.h>

static long links_of(const char *path) {
  struct stat about;
  return lstat(path, &about) < 0 ? -1 : (long)about.st_nlink;
}

static void listing(const char *path) {
  struct dirent **entries;
  int count = scandir(path, &entries, 0, alphasort);
  say("%s:", path);
  for (int i = 0; i < count; i++) say(" %s/%d", entries[i]->d_name, entries[i]->d_type), free(entries[i]);
  say("\n");
  if (count >= 0) free(entries);
}

static void directories(void) {
  SHOW(mkdir("d", 0777));
  SHOW(mkdir("d", 0777));
  SHOW(mkdir("missing/d", 0777));
  SHOW(mkdir("d/sub/", 0777));
  SHOW(rmdir("d"));
  SHOW(rmdir("d/."));
  SHOW(rmdir("d/sub/.."));
  SHOW(unlink("d"));
  write_file("file", "x", 0644);
  SHOW(rmdir("file"));
  SHOW(mkdir("file/d", 0777));
  SHOW(open("file/", O_RDONLY));
  SHOW(open("new/", O_WRONLY | O_CREAT, 0644));
  SHOW(access("d/./../d//sub", F_OK));
  SHOW(access("", F_OK));
  SHOW(chdir("file"));
  SHOW(chdir("missing"));
  SHOW(rmdir("/"));
  struct stat about;
  stat("d", &about);
  say("d: mode %o\n", about.st_mode);
  listing(".");
}

static void symbolic_links(void) {
  char target[64] = {0};
  SHOW(symlink("file", "to-file"));
  SHOW(symlink("nowhere", "dangling"));
  SHOW(symlink("loop-b", "loop-a"));
  SHOW(symlink("loop-a", "loop-b"));
  SHOW(symlink("d", "to-d"));
  SHOW(symlink("x", "file"));
  SHOW(symlink("", "empty"));
  SHOW(readlink("to-file", target, sizeof target));
  SHOW_TEXT(target);
  SHOW(readlink("to-file", target, 2));
  SHOW(readlink("file", target, sizeof target));
  SHOW(access("dangling", F_OK));
  SHOW(access("loop-a", F_OK));
  SHOW(access("to-d/sub", F_OK));
  SHOW(open("to-file", O_RDONLY | O_NOFOLLOW));
  SHOW(open("to-d/sub", O_RDONLY | O_NOFOLLOW) > 0);
  SHOW(open("dangling", O_WRONLY | O_CREAT | O_EXCL, 0644));
  SHOW(close((int)SHOW(open("dangling", O_WRONLY | O_CREAT, 0644))));
  SHOW(access("nowhere", F_OK)); // created through the link
  SHOW(mkdir("to-file", 0777));
  SHOW(rmdir("to-d"));
  SHOW(unlink("to-d"));
  struct stat about;
  SHOW(lstat("to-file", &about));
  say("link: size %ld, is a link %d, mode %o\n", (long)about.st_size, S_ISLNK(about.st_mode), about.st_mode & 07777);
  char name[16], previous[16] = "file";
  for (int i = 1; i <= 41; i++) { // 40 links in a row are the most that is followed
    snprintf(name, sizeof name, "chain%d", i);
    symlink(previous, name);
    strcpy(previous, name);
  }
  SHOW(access("chain40", F_OK));
  SHOW(access("chain41", F_OK));
  for (int i = 1; i <= 41; i++) snprintf(name, sizeof name, "chain%d", i), unlink(name);
}

static void hard_links(void) {
  SHOW(link("file", "second"));
  SHOW(links_of("file"));
  SHOW(link("file", "second"));
  SHOW(link("d", "d2"));
  SHOW(link("missing", "x"));
  SHOW(link("to-file", "third")); // link(2) does not follow
  SHOW(links_of("third"));
  SHOW(linkat(AT_FDCWD, "to-file", AT_FDCWD, "fourth", AT_SYMLINK_FOLLOW));
  SHOW(links_of("file"));
  int fd = (int)MUST(open("second", O_RDWR));
  SHOW(unlink("second"));
  SHOW(unlink("second"));
  SHOW(unlink("fourth"));
  SHOW(unlink("third"));
  SHOW(unlink("file"));
  struct stat about;
  fstat(fd, &about);
  say("unlinked but open: links %ld size %ld\n", (long)about.st_nlink, (long)about.st_size);
  char byte;
  SHOW(read(fd, &byte, 1));
  close(fd);
}

static void renaming(void) {
  write_file("a", "A", 0644), write_file("b", "BB", 0644);
  mkdir("full", 0755), mkdir("full/x", 0755), mkdir("empty", 0755);
  struct stat about;
  SHOW(rename("a", "b"));
  stat("b", &about);
  say("b: size %ld\n", (long)about.st_size);
  SHOW(rename("a", "b"));
  SHOW(rename("b", "b"));
  SHOW(rename("b", "empty"));
  SHOW(rename("empty", "b"));
  SHOW(rename("empty", "full"));
  SHOW(rename("full", "empty"));
  SHOW(rename("empty", "empty/below"));
  SHOW(rename("empty/x", "empty/x/y"));
  SHOW(rename("empty", "."));
  SHOW(rename("b", "missing/b"));
  SHOW(rename("b/", "c"));
  SHOW(rename("empty/", "full/"));
  write_file("c", "CCC", 0644);
  SHOW(syscall(SYS_renameat2, AT_FDCWD, "b", AT_FDCWD, "c", 1 /* RENAME_NOREPLACE */));
  SHOW(syscall(SYS_renameat2, AT_FDCWD, "b", AT_FDCWD, "c", 2 /* RENAME_EXCHANGE */));
  stat("b", &about);
  say("b after the exchange: size %ld\n", (long)about.st_size);
  SHOW(syscall(SYS_renameat2, AT_FDCWD, "b", AT_FDCWD, "full", 2));
  SHOW(syscall(SYS_renameat2, AT_FDCWD, "b", AT_FDCWD, "missing", 2));
  SHOW(syscall(SYS_renameat2, AT_FDCWD, "b", AT_FDCWD, "c", 3));
  SHOW(link("c", "same"));
  SHOW(rename("c", "same")); // two names of one file: nothing happens
  SHOW(access("c", F_OK));
  listing(".");
}

static void lengths(void) {
  static char name[300], path[5000];
  memset(name, 'n', 256);
  SHOW(open(name, O_WRONLY | O_CREAT, 0644));
  name[255] = 0;
  SHOW(close((int)SHOW(open(name, O_WRONLY | O_CREAT, 0644))));
  SHOW(unlink(name));
  for (int i = 0; i < 4096; i += 2) memcpy(path + i, "./", 2);
  SHOW(access(path, F_OK));
  path[4095] = 0;
  SHOW(access(path, F_OK));
  SHOW(access((char *)8, F_OK));
}

static void relative_to_descriptors(void) {
  char path[4096];
  mkdir("base", 0755), mkdir("base/inner", 0755);
  int base = (int)MUST(open("base", O_RDONLY | O_DIRECTORY)), file = (int)MUST(open("b", O_RDONLY));
  SHOW(mkdirat(base, "made", 0755));
  SHOW(openat(base, "missing", O_RDONLY));
  SHOW(openat(file, "x", O_RDONLY));
  SHOW(openat(77, "x", O_RDONLY));
  SHOW(faccessat(77, "/", F_OK, 0)); // an absolute path needs no descriptor
  SHOW(unlinkat(base, "made", 0));
  SHOW(unlinkat(base, "made", AT_REMOVEDIR));
  SHOW(unlinkat(base, "made", 0x1));
  struct stat about;
  SHOW(fstatat(file, "", &about, AT_EMPTY_PATH));
  SHOW(about.st_size);
  SHOW(fstatat(file, "", &about, 0));
  SHOW(fchdir(base));
  SHOW(fchdir(file));
  SHOW(rename("../base", "../renamed"));
  SHOW_TEXT(strrchr(getcwd(path, sizeof path), '/'));
  SHOW(getcwd(path, 3) == 0 ? -1 : 0);
  SHOW(chdir("inner"));
  SHOW(rmdir("../inner"));
  SHOW(getcwd(path, sizeof path) == 0 ? -1 : 0);
  SHOW(open("x", O_WRONLY | O_CREAT, 0644));
  SHOW(access(".", F_OK));
  SHOW(chdir(".."));
  SHOW(access("renamed", F_OK)); // ".." of a removed directory still leads to where it was
  SHOW(chdir("renamed"));
  SHOW_TEXT(strrchr(getcwd(path, sizeof path), '/'));
}

int main(void) {
  enter_scratch_directory();
  directories();
  symbolic_links();
  hard_links();
  renaming();
  lengths();
  relative_to_descriptors();
  return 0;
}
