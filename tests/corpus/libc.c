// SPDX-License-Identifier: MIT
// Ordinary programs' use of the libc: memory, sorting, strings, jumps, time formatting, the environment, options.

#include "check.h"

#include <ctype.h>
#include <fnmatch.h>
#include <getopt.h>
#include <search.h>
#include <setjmp.h>
#include <time.h>

static uint64_t state = 88172645463325252;

static uint64_t next(void) { // xorshift, so that every libc gets the same numbers
  state ^= state << 13, state ^= state >> 7, state ^= state << 17;
  return state;
}

static void memory(void) {
  enum { BLOCKS = 500 };
  static struct { unsigned char *bytes; size_t size; unsigned char fill; } blocks[BLOCKS];
  long wrong = 0, unaligned = 0;
  for (int round = 0; round < 20000; round++) {
    int i = (int)(next() % BLOCKS);
    for (size_t k = 0; k < blocks[i].size; k += 97) wrong += blocks[i].bytes[k] != blocks[i].fill;
    size_t size = next() % 8 == 0 ? next() % 200000 : next() % 600;
    if (next() % 3 == 0) free(blocks[i].bytes), blocks[i].bytes = calloc(1, size + 1), wrong += blocks[i].bytes[size] != 0;
    else blocks[i].bytes = realloc(blocks[i].bytes, size + 1);
    unaligned += ((uintptr_t)blocks[i].bytes & 15) != 0;
    blocks[i].size = size, blocks[i].fill = (unsigned char)next();
    memset(blocks[i].bytes, blocks[i].fill, size);
  }
  for (int i = 0; i < BLOCKS; i++) free(blocks[i].bytes);
  say("malloc: %ld bytes wrong, %ld blocks unaligned\n", wrong, unaligned);
  void *aligned = 0;
  SHOW(posix_memalign(&aligned, 4096, 100));
  SHOW((uintptr_t)aligned & 4095);
  free(aligned);
  void *(*volatile allocate)(size_t) = malloc; // or the compiler decides how it ends
  errno = 0;
  void *volatile impossible = allocate(SIZE_MAX / 2);
  say("malloc of half of everything: %d %s\n", impossible == 0, errno_text(errno));
}

static int by_value(const void *left, const void *right) {
  uint64_t l = *(const uint64_t *)left, r = *(const uint64_t *)right;
  return (l > r) - (l < r);
}

static void sorting(void) {
  static uint64_t numbers[20000];
  for (size_t i = 0; i < COUNT(numbers); i++) numbers[i] = next() % 100000;
  qsort(numbers, COUNT(numbers), sizeof *numbers, by_value);
  long disorder = 0;
  uint64_t sum = 0;
  for (size_t i = 1; i < COUNT(numbers); i++) disorder += numbers[i - 1] > numbers[i], sum = sum * 31 + numbers[i];
  uint64_t key = numbers[777], *found = bsearch(&key, numbers, COUNT(numbers), sizeof *numbers, by_value);
  say("qsort: %ld out of order, checksum %lx, found %d\n", disorder, (unsigned long)sum, found && *found == key);
}

static void strings(void) {
  char text[64] = "one,two;;three", *rest = 0;
  for (char *part = strtok_r(text, ",;", &rest); part; part = strtok_r(0, ",;", &rest)) say("[%s]", part);
  say("\n%ld %ld %lu %ld\n", strtol("-0x1f", 0, 16), strtol("0755", 0, 0), strtoul("18446744073709551615", 0, 10), strtol("zz", 0, 36));
  errno = 0;
  long most = strtol("99999999999999999999", 0, 10);
  say("%d %s\n", most == INT64_MAX, errno_text(errno));
  say("%s %s %zu %zu\n", strstr("haystack", "st"), strpbrk("hello", "lo"), strspn("aabbc", "ab"), strcspn("abc", "c"));
  say("%d %d %d\n", strcmp("a", "b") < 0, strncmp("abc", "abd", 2), strcasecmp("HeLLo", "hEllO"));
  static char big[100001];
  memset(big, 'x', 100000), memmove(big + 1, big, 50000), big[70000] = 'y';
  say("%zu %ld %ld\n", strlen(big), (long)((char *)memchr(big, 'y', 100000) - big), (long)(strrchr(big, 'y') - big));
  say("%d %d\n", fnmatch("*.c", "libc.c", 0), fnmatch("[a-c]?z", "bxz", 0));
  int letters = 0;
  for (int c = 0; c < 128; c++) letters += isalpha(c) ? 1 : 0;
  say("%d %c\n", letters, toupper('q'));
}

static jmp_buf place;

static void descend(int depth) {
  if (depth == 0) longjmp(place, 42);
  descend(depth - 1);
}

static void jumps(void) {
  volatile int kept = 1;
  int value = setjmp(place);
  if (value == 0) {
    kept = 2;
    descend(50);
  }
  say("longjmp brought %d, kept %d\n", value, kept);
}

static void times(void) {
  time_t when = 1234567890;
  struct tm broken;
  char text[64];
  setenv("TZ", "UTC0", 1), tzset();
  gmtime_r(&when, &broken);
  strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S %a %j", &broken);
  say("%s %ld\n", text, (long)timegm(&broken));
  setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1), tzset();
  localtime_r(&when, &broken);
  say("%02d:%02d isdst %d\n", broken.tm_hour, broken.tm_min, broken.tm_isdst);
  broken = (struct tm){.tm_year = 109, .tm_mon = 6, .tm_mday = 32, .tm_isdst = -1};
  when = mktime(&broken);
  say("%ld day %d month %d\n", (long)when, broken.tm_mday, broken.tm_mon);
}

static void environment(void) {
  setenv("CORPUS", "one", 1), setenv("CORPUS", "two", 0);
  say("%s", getenv("CORPUS"));
  setenv("CORPUS", "three", 1);
  say(" %s", getenv("CORPUS"));
  unsetenv("CORPUS");
  say(" %d\n", getenv("CORPUS") == 0);
  char *argv[] = {"x", "-a", "-bvalue", "--long=7", "operand", "-c", 0};
  static const struct option longs[] = {{"long", required_argument, 0, 'l'}, {0}};
  for (int c; (c = getopt_long(6, argv, "ab:c", longs, 0)) != -1;) say("%c(%s) ", c, optarg ? optarg : "");
  say("first operand %s\n", argv[optind]);
  hcreate(100);
  char *keys[] = {"red", "green", "blue"};
  for (long i = 0; i < 3; i++) hsearch((ENTRY){keys[i], (void *)i}, ENTER);
  say("%ld %d\n", (long)(intptr_t)hsearch((ENTRY){"blue", 0}, FIND)->data, hsearch((ENTRY){"pink", 0}, FIND) == 0);
  hdestroy();
}

int main(void) {
  begin();
  memory();
  sorting();
  strings();
  jumps();
  times();
  environment();
  return 0;
}
