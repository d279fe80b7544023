// SPDX-License-Identifier: MIT
// Spawns by several methods in turn while one thing is as large as asked, and tells after each turn how long it took.
//   growth CURVE SIZE SPAWNS ROUNDS PROGRAM METHOD...
// CURVE is what grows: descriptors (open ones, close-on-exec), processes (live children of this one), memory (MiB touched),
// actions (a dup each), depth (directories above the program), entries (other files in the program's directory). Files are
// made in the working directory. Prints "ready", then for each turn METHOD and its ns by this program's clock.

#include "runtime/runtime.h"
#include "methods.h"

#include <linux/mman.h>
#include <linux/resource.h>
#include <linux/time.h>
#include <linux/time_types.h>

static uint64_t size;

static void check(long result, const char *what) {
  if (result >= 0) return;
  complain("%s: %s", what, error_name(result));
  exit_now(1);
}

static void open_descriptors(struct program *program) {
  (void)program;
  struct rlimit64 limit;
  check(CALL(prlimit64, 0, RLIMIT_NOFILE, 0, &limit), "prlimit64");
  limit.rlim_cur = size + 64;
  if (limit.rlim_max < limit.rlim_cur) limit.rlim_max = limit.rlim_cur;
  check(CALL(prlimit64, 0, RLIMIT_NOFILE, &limit, 0), "prlimit64");
  for (uint64_t i = 0; i < size; i++) check(CALL(openat, AT_FDCWD, "/dev/null", O_RDONLY | O_CLOEXEC, 0), "/dev/null");
}

/** They read from a pipe that nobody writes to, and end when this program does. */
static void start_processes(struct program *program) {
  (void)program;
  int ends[2];
  char byte;
  check(CALL(pipe2, ends, O_CLOEXEC), "pipe2");
  for (uint64_t i = 0; i < size; i++) {
    long pid = fork();
    check(pid, "fork");
    if (pid > 0) continue;
    CALL(close, ends[1]);
    CALL(read, ends[0], &byte, 1);
    exit_now(0);
  }
}

static void touch_memory(struct program *program) {
  (void)program;
  size_t bytes = size << 20;
  long memory = CALL(mmap, 0, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  check(memory, "mmap");
  CALL(madvise, memory, bytes, MADV_NOHUGEPAGE); // pages of 4 KiB on both sides
  for (size_t at = 0; at < bytes; at += 4096) ((volatile char *)memory)[at] = 1;
}

enum { FIRST_TARGET = 3, TARGETS = 16 };

static void dup_in_child(void) {
  for (uint64_t i = 0; i < size; i++) {
    long error = CALL(dup3, 0, FIRST_TARGET + (int)(i % TARGETS), O_CLOEXEC);
    if (error < 0) exit_now(125);
  }
}

static void make_actions(struct program *program) {
  program->wire_child = dup_in_child;
  program->actions = allocate(size * sizeof *program->actions);
  program->action_count = size;
  for (uint64_t i = 0; i < size; i++)
    program->actions[i] = (struct spawn_template_action){
        .type = SPAWN_TEMPLATE_ACTION_DUP2, .flags = O_CLOEXEC, .fd = 0, .newfd = FIRST_TARGET + (int)(i % TARGETS)};
}

/** Copies the program into the working directory and spawns it from there, by its absolute path. */
static void move_program(struct program *program) {
  static char path[PATH_MAX], bytes[65536];
  long length = CALL(getcwd, path, sizeof path - sizeof "/program");
  check(length, "getcwd");
  memcpy(path + length - 1, "/program", sizeof "/program");
  int from = (int)CALL(openat, AT_FDCWD, program->path, O_RDONLY, 0), to = (int)CALL(openat, AT_FDCWD, path, O_WRONLY | O_CREAT, 0755);
  check(from, program->path);
  check(to, path);
  long got;
  while ((got = CALL(read, from, bytes, sizeof bytes)) > 0) check(write_all(to, bytes, (size_t)got), path);
  CALL(close, from), CALL(close, to);
  program->path = path;
}

static void make_path(struct program *program) {
  for (uint64_t i = 0; i < size; i++) {
    check(CALL(mkdirat, AT_FDCWD, "d", 0755), "mkdir");
    check(CALL(chdir, "d"), "chdir");
  }
  move_program(program);
}

static void make_entries(struct program *program) {
  char name[16];
  for (uint64_t i = 0; i < size; i++) {
    format_into(name, sizeof name, "f%lu", (unsigned long)i);
    long fd = CALL(openat, AT_FDCWD, name, O_WRONLY | O_CREAT, 0644);
    check(fd, name);
    CALL(close, fd);
  }
  move_program(program);
}

static const struct curve {
  const char *name;
  void (*prepare)(struct program *program);
} curves[] = {
    {"descriptors", open_descriptors}, {"processes", start_processes}, {"memory", touch_memory},
    {"actions", make_actions},         {"depth", make_path},           {"entries", make_entries},
};

static const struct method *find_method(const char *name) {
  for (int i = 0; i < METHODS; i++)
    if (equal_strings(methods[i].name, name)) return &methods[i];
  complain("%s: no such method", name);
  exit_now(2);
}

static uint64_t number(const char *text) {
  uint64_t value;
  if (parse_number(text, &value)) return value;
  complain("%s: not a number", text);
  exit_now(2);
}

static uint64_t now_ns(void) {
  struct __kernel_timespec now;
  CALL(clock_gettime, CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

int main(int argc, char **argv, char **envp) {
  if (argc < 7) {
    complain("usage: growth CURVE SIZE SPAWNS ROUNDS PROGRAM METHOD...");
    return 2;
  }
  size = number(argv[2]);
  uint64_t spawns = number(argv[3]), rounds = number(argv[4]);
  char *alone[] = {"minimal", 0};
  struct program program = {argv[5], alone, envp, -1, 0, 0, 0};
  for (size_t i = 0; i < sizeof curves / sizeof *curves; i++)
    if (equal_strings(curves[i].name, argv[1])) curves[i].prepare(&program);
  for (char **name = argv + 6; *name; name++) {
    const struct method *method = find_method(*name);
    if (method->prepare) check(method->prepare(&program), *name);
  }
  print("ready\n");
  for (uint64_t round = 0; round < rounds; round++) {
    for (char **name = argv + 6; *name; name++) {
      uint64_t start = now_ns();
      long error = spawn_many(find_method(*name), &program, spawns);
      uint64_t end = now_ns();
      check(error, *name);
      if (error > 0) {
        complain("%s: a child ended with wait status 0x%lx", *name, (unsigned long)error);
        return 1;
      }
      print("%s %lu\n", *name, (unsigned long)(end - start));
    }
  }
  return 0;
}
