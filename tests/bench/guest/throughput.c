// SPDX-License-Identifier: MIT
// Moves bytes or copies memory, for whoever measures from outside. MIB is how much is moved in all, in blocks of BLOCK bytes.
//   throughput pipe BLOCK MIB            from this process to a child
//   throughput write BLOCK MIB FILE      over and over the first 16 MiB of a file
//   throughput read BLOCK MIB FILE       likewise, once it has them
//   throughput fork SIZE COUNT PAGES     COUNT children, one after the other, of a process with SIZE MiB of touched memory; each child
//                                        writes to PAGES pages, all over that memory, and ends

#include "runtime/runtime.h"

#include <linux/fs.h>
#include <linux/mman.h>

enum { FILE_SIZE = 16 << 20, PAGE = 4096, LARGEST_BLOCK = 1 << 20 };

static char buffer[LARGEST_BLOCK];

static void check(long result, const char *what) {
  if (result >= 0) return;
  complain("%s: %s", what, error_name(result));
  exit_now(1);
}

static void wait_for(long pid) {
  int status = 0;
  check(CALL(wait4, pid, &status, 0, 0), "wait4");
  if (status) exit_now(1);
}

static void move_through_pipe(uint64_t block, uint64_t bytes) {
  int ends[2];
  check(CALL(pipe2, ends, 0), "pipe2");
  long pid = fork();
  check(pid, "fork");
  if (pid == 0) {
    CALL(close, ends[1]);
    uint64_t got = 0;
    for (long part; (part = CALL(read, ends[0], buffer, block)) > 0;) got += (uint64_t)part;
    exit_now(got == bytes ? 0 : 1);
  }
  CALL(close, ends[0]);
  for (uint64_t done = 0; done < bytes; done += block) check(write_all(ends[1], buffer, block), "write");
  CALL(close, ends[1]);
  wait_for(pid);
}

static void expect(long result, uint64_t wanted, const char *what) {
  check(result, what);
  if ((uint64_t)result != wanted) exit_now(1);
}

static void write_file(int fd, uint64_t block, uint64_t bytes) {
  for (uint64_t done = 0; done < bytes; done += block) expect(CALL(pwrite64, fd, buffer, block, done % FILE_SIZE), block, "pwrite64");
}

static void read_file(int fd, uint64_t block, uint64_t bytes) {
  for (uint64_t done = 0; done < bytes; done += block) expect(CALL(pread64, fd, buffer, block, done % FILE_SIZE), block, "pread64");
}

static void fork_often(uint64_t mib, uint64_t count, uint64_t pages) {
  size_t size = mib << 20;
  long address = CALL(mmap, 0, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  check(address, "mmap");
  volatile char *memory = (volatile char *)address;
  CALL(madvise, address, size, MADV_NOHUGEPAGE); // as many pages natively as in the machine
  for (size_t at = 0; at < size; at += PAGE) memory[at] = 1;
  while (count--) {
    long pid = fork();
    check(pid, "fork");
    if (pid == 0) {
      for (size_t i = 0; i < pages; i++) memory[i * (size / pages)] = 2;
      exit_now(0);
    }
    wait_for(pid);
  }
}

int main(int argc, char **argv, char **envp) {
  (void)envp;
  uint64_t first, second, pages = 0;
  if (argc < 4 || !parse_number(argv[2], &first) || !parse_number(argv[3], &second)) return 2;
  if (equal_strings(argv[1], "pipe")) return move_through_pipe(first, second << 20), 0;
  if (argc < 5) return 2;
  if (equal_strings(argv[1], "fork")) return parse_number(argv[4], &pages) ? (fork_often(first, second, pages), 0) : 2;
  int fd = (int)CALL(openat, AT_FDCWD, argv[4], O_RDWR | O_CREAT, 0600);
  check(fd, argv[4]);
  if (equal_strings(argv[1], "write")) return write_file(fd, first, second << 20), 0;
  if (!equal_strings(argv[1], "read")) return 2;
  write_file(fd, LARGEST_BLOCK, FILE_SIZE);
  read_file(fd, first, second << 20);
  return 0;
}
