// SPDX-License-Identifier: MIT
// What every corpus program uses: it prints each call with its result, so that two runs can be compared line by line.
// Output goes straight to write(2), so that nothing is buffered across fork. Only what is the same on every Linux may be
// printed: errno names, counts and descriptors, but no pids, addresses or times.
#ifndef CHECK_H
#define CHECK_H

#define _GNU_SOURCE

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

__attribute__((format(printf, 1, 2))) static inline void say(const char *format, ...) {
  char line[4096];
  va_list values;
  va_start(values, format);
  int length = vsnprintf(line, sizeof line, format, values);
  va_end(values);
  if (length < 0 || length >= (int)sizeof line || write(1, line, (size_t)length) != length) _exit(99);
}

static inline const char *errno_text(int error) {
  static const struct { int number; const char *name; } names[] = {
#define NAME(error) {error, #error}
      NAME(E2BIG),   NAME(EACCES),  NAME(EAGAIN), NAME(EBADF),        NAME(EBUSY),   NAME(ECHILD),    NAME(EEXIST),
      NAME(EFAULT),  NAME(EFBIG),   NAME(EINTR),  NAME(EINVAL),       NAME(EIO),     NAME(EISDIR),    NAME(ELOOP),
      NAME(EMFILE),  NAME(EMLINK),  NAME(ENODEV), NAME(ENAMETOOLONG), NAME(ENFILE),  NAME(ENOENT),    NAME(ENOEXEC),
      NAME(ENOMEM),  NAME(ENOSPC),  NAME(ENOSYS), NAME(ENOTCONN),     NAME(ENOTDIR), NAME(ENOTEMPTY), NAME(ENOTSOCK),
      NAME(ENOTTY),  NAME(ENXIO),   NAME(EOPNOTSUPP), NAME(EOVERFLOW), NAME(EPERM),  NAME(EPIPE),     NAME(ERANGE),
      NAME(EROFS),   NAME(ESPIPE),  NAME(ESRCH),  NAME(ETIMEDOUT),    NAME(ETXTBSY), NAME(EXDEV),     NAME(EDOM),
      NAME(EPROTOTYPE), NAME(EDESTADDRREQ), NAME(ENOPROTOOPT), NAME(EMSGSIZE),
#undef NAME
  };
  static char other[16];
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (names[i].number == error) return names[i].name;
  snprintf(other, sizeof other, "errno %d", error);
  return other;
}

// SHOW(dup(3)) prints "dup(3) = 4", or "dup(3) = EBADF" when it gives -1.
#define SHOW(expression) (errno = 0, show(#expression, (long)(expression)))
// The same, where a result that is no error differs from run to run.
#define SHOW_OK(expression) (errno = 0, show_ok(#expression, (long)(expression)))
#define SHOW_TEXT(expression) say("%s = \"%s\"\n", #expression, (expression))
// Stops a program whose own preparations fail.
#define MUST(expression) must(#expression, __LINE__, (long)(expression))

static inline long show(const char *text, long value) {
  if (value == -1 && errno) say("%s = %s\n", text, errno_text(errno));
  else say("%s = %ld\n", text, value);
  return value;
}

static inline long show_ok(const char *text, long value) {
  say("%s = %s\n", text, value == -1 && errno ? errno_text(errno) : "ok");
  return value;
}

static inline long must(const char *text, int line, long value) {
  if (value != -1) return value;
  say("line %d: %s: %s\n", line, text, errno_text(errno));
  _exit(98);
}

/** Closes what whoever started this had open besides 0, 1 and 2, so that descriptors get the same numbers everywhere. */
static inline void begin(void) {
  for (int fd = 3; fd < 1024; fd++) close(fd);
  umask(022);
}

/** Begins in an empty directory of its own, made in the current one. */
static inline void enter_scratch_directory(void) {
  static char path[] = "corpus.XXXXXX";
  begin();
  if (!mkdtemp(path) || chdir(path)) must("mkdtemp", __LINE__, -1);
}

/** Creates a file with this text and mode. */
static inline void write_file(const char *path, const char *text, mode_t mode) {
  int fd = (int)MUST(open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  MUST(write(fd, text, strlen(text)) == (ssize_t)strlen(text) ? 0 : -1);
  MUST(fchmod(fd, mode));
  MUST(close(fd));
}

/** "exited 3", "killed by 9", "stopped by 19", "continued". */
static inline const char *status_text(int status) {
  static char text[40];
  if (WIFEXITED(status)) snprintf(text, sizeof text, "exited %d", WEXITSTATUS(status));
  else if (WIFSIGNALED(status)) snprintf(text, sizeof text, "killed by %d", WTERMSIG(status));
  else if (WIFSTOPPED(status)) snprintf(text, sizeof text, "stopped by %d", WSTOPSIG(status));
  else snprintf(text, sizeof text, WIFCONTINUED(status) ? "continued" : "status 0x%x", (unsigned)status);
  return text;
}

/** Waits for this child and prints how it ended. */
static inline void reap(const char *what, pid_t pid) {
  int status = 0;
  pid_t waited;
  do waited = waitpid(pid, &status, 0);
  while (waited < 0 && errno == EINTR);
  say("%s: %s\n", what, waited == pid ? status_text(status) : errno_text(errno));
}

#define COUNT(array) (sizeof(array) / sizeof *(array))

#endif
