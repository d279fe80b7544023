// SPDX-License-Identifier: MIT
// memfd_create(2), its seals, and mappings of /dev/zero.

#include "check.h"

#include <sys/mman.h>
#include <sys/uio.h>

static int memfd(unsigned flags) { return (int)syscall(SYS_memfd_create, "name", flags); }

static void creation(void) {
  char name[300], text[400] = "";
  memset(name, 'n', sizeof name), name[249] = 0;
  SHOW_OK(syscall(SYS_memfd_create, name, 0));
  name[249] = 'n', name[250] = 0;
  SHOW(syscall(SYS_memfd_create, name, 0));
  SHOW(syscall(SYS_memfd_create, (void *)8, 0));
  SHOW(memfd(0x100));
  SHOW(memfd(MFD_ALLOW_SEALING | 0x8 | 0x10)); // executable and not
  int fd = memfd(MFD_CLOEXEC);
  SHOW(fcntl(fd, F_GETFD));
  SHOW(fcntl(fd, F_GETFL) & O_ACCMODE);
  struct stat about;
  SHOW(fstat(fd, &about));
  say("mode %o links %d size %ld\n", about.st_mode, (int)about.st_nlink, (long)about.st_size);
  sprintf(text, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(text, name, sizeof name);
  name[length < 0 ? 0 : length] = 0;
  SHOW_TEXT(name);
  int again = (int)MUST(open(text, O_RDONLY));
  SHOW(write(fd, "hello", 5));
  SHOW(read(again, name, 10));
  SHOW(write(again, "x", 1));
  SHOW(fcntl(fd, F_GET_SEALS)); // no seals allowed
  SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
  int noexec = memfd(0x8); // MFD_NOEXEC_SEAL
  SHOW(fcntl(noexec, F_GET_SEALS));
  SHOW(fchmod(noexec, 0777));
  SHOW(fchmod(noexec, 0600));
  fstat(noexec, &about);
  say("mode %o\n", about.st_mode);
  int executable = memfd(0x10);
  fstat(executable, &about);
  say("mode %o\n", about.st_mode);
}

static void seals(void) {
  char page[5000] = {1};
  int fd = memfd(MFD_ALLOW_SEALING);
  SHOW(fcntl(fd, F_GET_SEALS));
  SHOW(fcntl(0, F_GET_SEALS));
  SHOW(fcntl(77, F_GET_SEALS));
  SHOW(fcntl(fd, F_ADD_SEALS, 0x100));
  SHOW(fcntl(fd, F_ADD_SEALS, 0));
  write(fd, page, 100);
  char path[40];
  sprintf(path, "/proc/self/fd/%d", fd);
  int reader = (int)MUST(open(path, O_RDONLY));
  SHOW(fcntl(reader, F_GET_SEALS));
  SHOW(fcntl(reader, F_ADD_SEALS, F_SEAL_SHRINK)); // not open for writing
  SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK));
  SHOW(ftruncate(fd, 50));
  SHOW(ftruncate(fd, 100));
  SHOW(ftruncate(fd, 200));
  SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_GROW));
  SHOW(fcntl(fd, F_GET_SEALS));
  SHOW(ftruncate(fd, 300));
  SHOW(pwrite(fd, page, 10, 195)); // what fits
  SHOW(pwrite(fd, page, 10, 200));
  SHOW(pwrite(fd, page, 10, 100));
  SHOW(fallocate(fd, 0, 0, 300));
  SHOW(fallocate(fd, 0, 0, 200));
  SHOW(write(fd, page, 5000));
  void *shared = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE)); // somebody could write through the mapping
  SHOW(munmap(shared, 4096));
  SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
  SHOW(pwrite(fd, page, 10, 0));
  SHOW(pwritev(fd, &(struct iovec){page, 10}, 1, 0));
  SHOW(pwrite(fd, page, 0, 0));
  SHOW(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 100));
  SHOW(mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED ? -1 : 0);
  char *view = mmap(0, 4096, PROT_READ, MAP_SHARED, fd, 0);
  SHOW(view == MAP_FAILED ? -1 : view[0]);
  SHOW(mprotect(view, 4096, PROT_READ | PROT_WRITE));
  char *own = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
  SHOW(own == MAP_FAILED ? -1 : (own[0] = 7));
  SHOW(pread(fd, page, 1, 0));
  SHOW(page[0]);
  SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL));
  SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL));
  SHOW(fcntl(fd, F_GET_SEALS));
  int future = memfd(MFD_ALLOW_SEALING);
  ftruncate(future, 4096);
  char *early = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, future, 0);
  SHOW(fcntl(future, F_ADD_SEALS, 0x10)); // F_SEAL_FUTURE_WRITE
  SHOW(early[0] = 3);
  SHOW(pwrite(future, page, 1, 0));
  SHOW(mmap(0, 4096, PROT_WRITE, MAP_SHARED, future, 0) == MAP_FAILED ? -1 : 0);
  SHOW(mprotect(early, 4096, PROT_READ));
  pid_t child = fork();
  if (child == 0) _exit(early[0]);
  reap("child reads", child);
  int file = (int)MUST(open("f", O_RDWR | O_CREAT, 0600));
  SHOW_OK(fcntl(file, F_ADD_SEALS, F_SEAL_WRITE) == -1 ? 0 : 0); // what it says depends on the file system
}

static void zero(void) {
  int fd = (int)MUST(open("/dev/zero", O_RDWR));
  char *own = mmap(0, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
  SHOW(own == MAP_FAILED ? -1 : own[0] + own[8191]);
  own[0] = 5;
  char *shared = mmap(0, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 4096);
  SHOW(shared == MAP_FAILED ? -1 : shared[0]);
  char *other = mmap(0, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 4096);
  shared[0] = 6;
  SHOW(other[0]); // each mapping is memory of its own
  pid_t child = fork();
  if (child == 0) {
    shared[1] = 9, own[1] = 9;
    _exit(shared[0]);
  }
  reap("child", child);
  SHOW(shared[1]);
  SHOW(own[1]);
  SHOW(munmap(own, 8192));
  SHOW(mmap(0, 4096, PROT_READ, MAP_SHARED, open("/dev/null", O_RDWR), 0) == MAP_FAILED ? -1 : 0);
  int reader = (int)MUST(open("/dev/zero", O_RDONLY));
  SHOW(mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, reader, 0) == MAP_FAILED ? -1 : 0);
  SHOW(mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, reader, 0) == MAP_FAILED ? -1 : 0);
  int pipes[2];
  pipe(pipes);
  SHOW(mmap(0, 4096, PROT_READ, MAP_SHARED, pipes[0], 0) == MAP_FAILED ? -1 : 0);
}

static void devices(void) {
  char bytes[64];
  memset(bytes, 1, sizeof bytes);
  int null = open("/dev/null", O_RDWR), full = open("/dev/full", O_RDWR), zero = open("/dev/zero", O_RDWR), random = open("/dev/urandom", O_RDONLY);
  SHOW(read(null, bytes, 64));
  SHOW(write(null, bytes, 64));
  SHOW(write(full, bytes, 64));
  SHOW(write(full, bytes, 0));
  SHOW(read(full, bytes, 10));
  SHOW(bytes[0] + bytes[9] + bytes[10]);
  SHOW(write(zero, bytes, 64));
  SHOW(read(zero, bytes, 64));
  SHOW(read(random, bytes, 64));
  int others = 0;
  for (int i = 0; i < 64; i++) others += bytes[i] != 0;
  SHOW(others > 32);
  SHOW(lseek(null, 100, SEEK_SET));
  SHOW(lseek(zero, 100, SEEK_SET));
  SHOW(lseek(zero, 10, SEEK_CUR));
  SHOW(ftruncate(null, 0));
  SHOW(open("/dev/null", O_RDWR | O_TRUNC | O_CREAT, 0600) >= 0);
  SHOW(read(zero, (void *)8, 10));
  SHOW(pread(zero, bytes, 8, 1000));
  SHOW(fsync(null));
  struct stat about;
  SHOW(stat("/dev/null", &about));
  say("%o %ld\n", about.st_mode, (long)about.st_rdev);
  SHOW(stat("/dev/fd/0", &about));
  SHOW(stat("/dev/stdin", &about) == stat("/proc/self/fd/0", &about));
}

int main(void) {
  enter_scratch_directory();
  creation();
  seals();
  zero();
  devices();
  return 0;
}
