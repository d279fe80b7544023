// SPDX-License-Identifier: MIT
// The libc's stdio on top of the kernel's files: formatting, scanning, buffering, seeking.

#include "check.h"

#include <inttypes.h>
#include <limits.h>
#include <stddef.h>
#include <wchar.h>

static void formatting(void) {
  printf("%d %5d|%-5d|%05d %+d % d %x %#x %X %#o %u\n", 42, 42, 42, 42, 42, 42, 255, 255, 255, 8, UINT_MAX);
  printf("%hhd %hd %ld %lld %zu %jd %td\n", (signed char)-3, (short)-300, LONG_MIN, LLONG_MAX, sizeof(int), INTMAX_MIN, (ptrdiff_t)-9);
  printf("%s|%10s|%-10s|%.3s|%c|%%|%5.2s|\n", "text", "right", "left", "cut off", 'c', "xyz");
  printf("%*d|%-*d|%.*f|%.0f|%.10g|%e|%G\n", 6, 7, 6, 7, 2, 3.14159, 2.5, 1.0 / 3, 12345.678, 1e-10);
  printf("%f %f %f %g %g\n", 0.1, 1e15, -0.0, 1e100, 123456789.0);
  printf("%a %a %.3a\n", 1.0, -0.1, 3.14159);
  printf("%2$s %1$s\n", "second", "first");
  printf("%Lf %ls %lc\n", 1.5L, L"wide", L'w');
  int length = 0;
  printf("count%n\n", &length);
  printf("%d\n", length);
  char cut[8];
  length = snprintf(cut, sizeof cut, "%s", "0123456789");
  printf("%d %s\n", length, cut);
}

static void scanning(void) {
  int i = 0, j = 0, n = 0;
  double d = 0;
  char word[16] = "", set[16] = "";
  n = sscanf("12 0x1f 3.25e2 word abc123", "%d %i %lf %15s %15[a-z]", &i, &j, &d, word, set);
  printf("%d: %d %d %g %s %s\n", n, i, j, d, word, set);
  printf("%d\n", sscanf("x", "%d", &i));
  printf("%d\n", sscanf("", "%d", &i));
  n = sscanf("7,8;9", "%d,%d", &i, &j);
  printf("%d %d %d\n", n, i, j);
}

static void files(void) {
  char line[64];
  FILE *file = fopen("f", "w+");
  for (int i = 0; i < 5000; i++) fprintf(file, "line %d\n", i);
  printf("position %ld\n", ftell(file));
  rewind(file);
  long count = 0, sum = 0;
  while (fgets(line, sizeof line, file)) count++, sum += atoi(line + 5);
  printf("%ld lines, sum %ld, end of file %d, error %d\n", count, sum, !!feof(file), !!ferror(file));
  fseek(file, -10, SEEK_END);
  printf("%s", fgets(line, sizeof line, file));
  fseek(file, 100, SEEK_SET);
  printf("%c", fgetc(file)), printf("%c", fgetc(file));
  ungetc('U', file), printf("%c\n", fgetc(file));
  fseek(file, 0, SEEK_SET), fputs("LINE", file), fflush(file);
  fclose(file);
  printf("second close of a stream's descriptor: %d\n", close(3));
  file = fopen("f", "r");
  char *text = 0;
  size_t room = 0;
  ssize_t length = getline(&text, &room, file);
  printf("getline %zd %s", length, length > 0 ? text : "");
  printf("writing to a stream for reading %d\n", fputc('x', file));
  fclose(file), free(text);
  file = fopen("f", "a+");
  fputs("appended\n", file), fclose(file);
  file = fopen("f", "rb"), fseek(file, -9, SEEK_END);
  printf("%zu ", fread(line, 1, sizeof line, file)), printf("%.8s\n", line);
  fclose(file);
  file = fopen("missing", "r");
  printf("missing: %d %s\n", file == 0, errno_text(errno));
  printf("remove %d\n", remove("f"));
  printf("rename %d\n", rename("f", "g"));
  file = tmpfile();
  printf("tmpfile %d\n", file != 0);
  fclose(file);
  char memory[32] = {0};
  file = fmemopen(memory, sizeof memory, "w");
  fprintf(file, "in memory %d", 5), fclose(file);
  printf("%s\n", memory);
  file = open_memstream(&text, &room);
  for (int i = 0; i < 300; i++) fprintf(file, "%d,", i);
  fclose(file);
  printf("%zu bytes\n", room), free(text);
}

static void buffering(void) {
  fflush(stdout);
  FILE *file = fopen("buffered", "w");
  fputs("once ", file); // still in the buffer when the process forks
  pid_t child = fork();
  if (child == 0) {
    fputs("child\n", file);
    exit(0); // flushes the child's copy
  }
  waitpid(child, 0, 0);
  fputs("parent\n", file), fclose(file);
  file = fopen("buffered", "r");
  for (int c; (c = fgetc(file)) != EOF;) putchar(c);
  fclose(file);
  file = fopen("/dev/full", "w");
  fputs("x", file);
  int closed = fclose(file);
  printf("closing a stream to a full device: %d %s\n", closed, errno_text(errno));
  dup2(1, 20);
  file = fdopen(20, "w");
  setvbuf(file, 0, _IOFBF, 4096);
  fputs("written last\n", file);
  fflush(stdout);
  fclose(file);
}

static void last(void) { puts("at exit, last registered first"); }
static void earlier(void) { puts("at exit, first registered last"); }

int main(void) {
  enter_scratch_directory();
  atexit(earlier), atexit(last);
  formatting();
  scanning();
  files();
  buffering();
  return 3;
}
