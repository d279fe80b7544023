// SPDX-License-Identifier: MIT
// Descriptors: duplication, close-on-exec, offsets, access modes, limits.

#include "check.h"

#include <sys/resource.h>
#include <sys/uio.h>

static void duplication(void) {
  int fd = (int)SHOW(open("a", O_RDWR | O_CREAT, 0644));
  SHOW(dup(fd));
  SHOW(dup2(fd, 9));
  SHOW(dup(fd));
  SHOW(dup2(fd, fd));
  SHOW(dup2(77, 77));
  SHOW(dup2(77, 5));
  SHOW(dup3(fd, fd, 0));
  SHOW(dup3(fd, 8, O_APPEND));
  SHOW(dup3(fd, 8, O_CLOEXEC));
  SHOW(fcntl(8, F_GETFD));
  SHOW(dup2(8, 9));
  SHOW(fcntl(9, F_GETFD));
  SHOW(fcntl(fd, F_DUPFD, 20));
  SHOW(fcntl(fd, F_DUPFD, 20));
  SHOW(fcntl(fd, F_DUPFD_CLOEXEC, 6));
  SHOW(fcntl(6, F_GETFD));
  SHOW(fcntl(6, F_SETFD, 0));
  SHOW(fcntl(6, F_GETFD));
  SHOW(fcntl(fd, F_DUPFD, -1));
  SHOW(fcntl(99, F_GETFD));
  SHOW(fcntl(fd, 9999));
  SHOW(close(20));
  SHOW(close(20));
  SHOW(close(-1));
  for (int i = 4; i < 30; i++) close(i);
}

static void offsets(void) {
  char bytes[16] = {0};
  write_file("b", "0123456789", 0644);
  int one = (int)SHOW(open("b", O_RDWR)), same = (int)SHOW(dup(one)), other = (int)SHOW(open("b", O_RDONLY));
  SHOW(read(one, bytes, 3));
  SHOW(read(same, bytes, 2));
  SHOW_TEXT(bytes);
  SHOW(lseek(other, 0, SEEK_CUR));
  SHOW(pread(one, bytes, 4, 6));
  SHOW_TEXT(bytes);
  SHOW(lseek(one, 0, SEEK_CUR));
  SHOW(pread(one, bytes, 4, -1));
  SHOW(pwrite(one, "xy", 2, 20));
  SHOW(lseek(one, 0, SEEK_END));
  SHOW(lseek(one, -100, SEEK_END));
  SHOW(lseek(one, 0, 77));
  SHOW(pread(other, bytes, 8, 12));
  SHOW(memcmp(bytes, "\0\0\0\0\0\0\0\0", 8));
  SHOW(read(one, bytes, 5));
  SHOW(ftruncate(one, 4));
  SHOW(lseek(other, 0, SEEK_END));
  SHOW(ftruncate(other, 4));
  SHOW(ftruncate(one, -1));
  SHOW(write(other, "z", 1));
  SHOW(lseek(other, 1, SEEK_SET));
  struct iovec two[] = {{bytes, 1}, {bytes + 8, 4}};
  SHOW(readv(other, two, 2));
  say("readv got %c and %.2s\n", bytes[0], bytes + 8);
  SHOW(writev(other, two, 2));
  SHOW(readv(other, two, -1));
  SHOW(readv(other, two, 0));
  close(one), close(same), close(other);
}

static void modes(void) {
  char byte;
  int append = (int)SHOW(open("b", O_WRONLY | O_APPEND));
  SHOW(write(append, "END", 3));
  SHOW(lseek(append, 0, SEEK_SET));
  SHOW(write(append, "!", 1));
  SHOW(lseek(append, 0, SEEK_CUR));
  SHOW(read(append, &byte, 1));
  SHOW((fcntl(append, F_GETFL) & (O_ACCMODE | O_APPEND | O_NONBLOCK)) == (O_WRONLY | O_APPEND));
  SHOW(fcntl(append, F_SETFL, O_RDWR | O_NONBLOCK));
  SHOW((fcntl(append, F_GETFL) & (O_ACCMODE | O_APPEND | O_NONBLOCK)) == (O_WRONLY | O_NONBLOCK));
  close(append);
  int directory = (int)SHOW(open(".", O_RDONLY));
  SHOW(read(directory, &byte, 1));
  close(directory);
  SHOW(open(".", O_WRONLY));
  SHOW(open(".", O_RDONLY | O_CREAT, 0644));
  SHOW(open("b", O_RDONLY | O_DIRECTORY));
  SHOW(open("b", O_RDWR | O_CREAT | O_EXCL, 0644));
  int path = (int)SHOW(open("b", O_PATH));
  SHOW(read(path, &byte, 1));
  SHOW(syscall(SYS_fchmod, path, 0600)); // musl has a way round
  SHOW(lseek(path, 0, SEEK_SET));
  SHOW(dup(path));
  struct stat about;
  SHOW(fstat(path, &about));
  SHOW(about.st_size);
  close(path), close(path + 1);
  SHOW(read(0, (void *)8, 0));
  int zero = (int)SHOW(open("/dev/zero", O_RDWR));
  SHOW(read(zero, (void *)8, 1));
  SHOW(write(zero, "abc", 3));
  close(zero);
  int null = (int)SHOW(open("/dev/null", O_RDWR));
  SHOW(read(null, &byte, 1));
  SHOW(write(null, "abc", 3));
  close(null);
  int full = (int)SHOW(open("/dev/full", O_RDWR));
  SHOW(write(full, "abc", 3));
  close(full);
}

static void limits(void) {
  struct rlimit limit = {8, 16};
  SHOW(setrlimit(RLIMIT_NOFILE, &limit));
  for (int i = 0; i < 6; i++) SHOW(dup(1));
  SHOW(open("b", O_RDONLY));
  SHOW(dup2(1, 7));
  SHOW(dup2(1, 8));
  SHOW(fcntl(1, F_DUPFD, 8));
  limit.rlim_cur = 17;
  SHOW(setrlimit(RLIMIT_NOFILE, &limit));
  SHOW(getrlimit(RLIMIT_NOFILE, &limit));
  SHOW((long)limit.rlim_cur);
}

int main(void) {
  enter_scratch_directory();
  duplication();
  offsets();
  modes();
  limits();
  return 0;
}
