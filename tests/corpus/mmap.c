// SPDX-License-Identifier: MIT
// Memory mappings: private and shared, anonymous and of files, partial overlaps, protection, growth, forks.

#include "check.h"

#include <sys/mman.h>

enum { PAGE = 4096 };

static char *map(void *at, size_t size, int protection, int flags, int fd, off_t offset) {
  char *address = mmap(at, size, protection, flags, fd, offset);
  if (address == MAP_FAILED) must("mmap", __LINE__, -1);
  return address;
}

/** How a child that does this to its memory ends. */
static void touch(const char *what, volatile char *address, int is_write) {
  pid_t child = fork();
  if (child == 0) {
    if (is_write) *address = 1;
    else (void)*address;
    _exit(0);
  }
  reap(what, child);
}

static long ones(const char *from, long size) {
  long count = 0;
  for (long i = 0; i < size; i++) count += from[i] == 1;
  return count;
}

static void anonymous(void) {
  char *m = map(0, 100 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); // room that is ours
  SHOW(munmap(m + 5 * PAGE, 95 * PAGE));
  SHOW(ones(m, 5 * PAGE));
  memset(m, 1, 5 * PAGE);
  SHOW(munmap(m + PAGE, PAGE));
  touch("read a hole", m + PAGE, 0);
  SHOW(mprotect(m + 2 * PAGE, PAGE, PROT_READ));
  touch("write read-only", m + 2 * PAGE, 1);
  touch("read read-only", m + 2 * PAGE, 0);
  SHOW(mprotect(m + 2 * PAGE, PAGE, PROT_NONE));
  touch("read PROT_NONE", m + 2 * PAGE, 0);
  SHOW(mprotect(m, 5 * PAGE, PROT_READ)); // there is a hole in it
  SHOW(mprotect(m + 2 * PAGE, 3 * PAGE, PROT_READ | PROT_WRITE));
  SHOW(ones(m + 2 * PAGE, 3 * PAGE));
  SHOW(madvise(m + 3 * PAGE, PAGE, MADV_DONTNEED));
  SHOW(ones(m + 2 * PAGE, 3 * PAGE));
  SHOW(map(m + 3 * PAGE, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == m + 3 * PAGE);
  m[3 * PAGE] = 1;
  SHOW(ones(m + 2 * PAGE, 3 * PAGE));
  SHOW(mmap(m + 4 * PAGE, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) == MAP_FAILED ? -1 : 0);
  SHOW(map(m + PAGE, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) == m + PAGE);
  SHOW(munmap(m, 100 * PAGE)); // far more than there is
  touch("read what is unmapped", m, 0);
  SHOW(munmap(m, PAGE));
  SHOW(munmap(m + 1, PAGE));
  SHOW(munmap(m, 0));
}

static void growing(void) {
  char *m = map(0, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  memset(m, 1, 2 * PAGE);
  SHOW(mprotect(m + 2 * PAGE, PAGE, PROT_NONE)); // in the way of growing
  SHOW(mremap(m, 2 * PAGE, 4 * PAGE, 0) == MAP_FAILED ? -1 : 0);
  char *n = mremap(m, 2 * PAGE, 64 * PAGE, MREMAP_MAYMOVE);
  SHOW(n != MAP_FAILED && n != m);
  SHOW(ones(n, 64 * PAGE));
  touch("read where it was", m, 0);
  SHOW(mremap(n, 64 * PAGE, PAGE, 0) == n);
  touch("read what was cut off", n + PAGE, 0);
  SHOW(mremap(n + 1, PAGE, PAGE, 0) == MAP_FAILED ? -1 : 0);
  SHOW(mremap(n, PAGE, 0, 0) == MAP_FAILED ? -1 : 0);
  SHOW(munmap(n, PAGE));
  char *heap = (char *)syscall(SYS_brk, 0); // not sbrk(3): musl keeps that to itself
  heap += -(uintptr_t)heap & (PAGE - 1);
  SHOW(syscall(SYS_brk, heap + 3 * PAGE) == (long)heap + 3 * PAGE);
  SHOW(ones(heap, 3 * PAGE));
  memset(heap, 1, 3 * PAGE);
  SHOW(syscall(SYS_brk, heap + PAGE) == (long)heap + PAGE);
  touch("read what was given back", heap + PAGE, 0);
  SHOW(syscall(SYS_brk, heap + 3 * PAGE) == (long)heap + 3 * PAGE);
  SHOW(ones(heap, 3 * PAGE)); // what comes back is zero
  SHOW(syscall(SYS_brk, 8) == (long)heap + 3 * PAGE); // a refusal returns where it is
  char *reserved = mmap(0, 1UL << 31, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  SHOW(reserved != MAP_FAILED); // costs nothing
  SHOW(mprotect(reserved + (1UL << 30), PAGE, PROT_READ | PROT_WRITE));
  reserved[1UL << 30] = 1;
  SHOW(munmap(reserved, 1UL << 31));
}

static void files(void) {
  char bytes[16] = {0};
  write_file("f", "0123456789", 0644);
  int fd = (int)MUST(open("f", O_RDWR)), reader = (int)MUST(open("f", O_RDONLY)), writer = (int)MUST(open("f", O_WRONLY));
  char *private = map(0, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, reader, 0), *shared = map(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  private[0] = 'P', shared[1] = 'S';
  SHOW(pread(fd, bytes, 10, 0));
  SHOW_TEXT(bytes);
  say("private %.10s shared %.10s\n", private, shared);
  SHOW(pwrite(fd, "WW", 2, 4));
  say("private begins %c, shared %.10s\n", private[0], shared);
  SHOW(msync(shared, PAGE, MS_SYNC));
  SHOW(msync(shared, PAGE, MS_SYNC | MS_ASYNC));
  SHOW(shared[10]); // the rest of the last page is zero
  shared[10] = 'X';
  SHOW(lseek(fd, 0, SEEK_END)); // and writing there does not make the file longer
  SHOW(ftruncate(fd, 2 * PAGE));
  SHOW(mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, reader, 0) == MAP_FAILED ? -1 : 0);
  SHOW(mmap(0, PAGE, PROT_READ, MAP_PRIVATE, writer, 0) == MAP_FAILED ? -1 : 0);
  SHOW(mmap(0, PAGE, PROT_READ, MAP_PRIVATE, 77, 0) == MAP_FAILED ? -1 : 0);
  SHOW(mmap(0, PAGE, PROT_READ, MAP_PRIVATE, fd, 1) == MAP_FAILED ? -1 : 0);
  SHOW(mmap(0, 0, PROT_READ, MAP_PRIVATE, fd, 0) == MAP_FAILED ? -1 : 0);
  SHOW(mmap(0, PAGE, PROT_READ, 0, fd, 0) == MAP_FAILED ? -1 : 0);
  char *read_only = map(0, PAGE, PROT_READ, MAP_SHARED, reader, 0);
  SHOW(mprotect(read_only, PAGE, PROT_READ | PROT_WRITE));
  char *second = map(0, PAGE, PROT_READ, MAP_SHARED, fd, PAGE);
  SHOW(pwrite(fd, "page two", 8, PAGE));
  say("%.8s\n", second);
  close(fd), close(reader), close(writer);
  shared[2] = 'm'; // mappings outlive descriptors
  fd = (int)MUST(open("f", O_RDWR));
  SHOW(pread(fd, bytes, 10, 0));
  SHOW_TEXT(bytes);
  SHOW(ftruncate(fd, 5));
  touch("read beyond a truncated end", second, 0);
  SHOW(shared[6]); // cut off, so zero
  SHOW(unlink("f"));
  SHOW(shared[2]);
}

static void across_fork(void) {
  volatile char *shared = map(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  volatile char *private = map(0, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  shared[0] = private[0] = 1;
  pid_t child = fork();
  if (child == 0) {
    shared[0] = private[0] = 2, shared[1] = private[1] = 3;
    _exit(0);
  }
  reap("child", child);
  say("shared %d %d private %d %d\n", shared[0], shared[1], private[0], private[1]);
  private[0] = 9;
  child = fork();
  if (child == 0) {
    usleep(10000);
    _exit(private[0]); // not what the parent writes meanwhile
  }
  private[0] = 8;
  reap("child", child);

  int fd = (int)SHOW(memfd_create("name", MFD_CLOEXEC));
  SHOW(ftruncate(fd, PAGE));
  char *m = map(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  child = fork();
  if (child == 0) _exit((int)write(fd, "hello", 5));
  reap("writer", child);
  say("%s\n", m);
}

/** A stack grows by itself, to its limit. */
static int deep(int depth) {
  volatile char frame[2000];
  frame[0] = (char)depth;
  return depth == 0 ? 0 : deep(depth - 1) + (frame[0] == (char)depth);
}

static volatile int sink;
static int endless(int depth) {
  volatile char frame[4000];
  frame[depth & 7] = 1;
  sink = frame[0];
  if (depth < 0) return 0;
  return endless(depth + 1) + frame[1];
}

int main(void) {
  enter_scratch_directory();
  anonymous();
  growing();
  files();
  across_fork();
  SHOW(deep(2000));
  pid_t child = fork();
  if (child == 0) _exit(endless(0));
  reap("endless recursion", child);
  return 0;
}
