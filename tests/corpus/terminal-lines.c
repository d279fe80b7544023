// SPDX-License-Identifier: MIT
// Canonical mode (termios(3)): editing keys, ends of lines, echo, the mapping of input and output, and how reads divide lines.

#include "terminal.h"

#define INTERRUPT "\003"
#define END "\004"
#define ERASE "\177"
#define WORD "\027"
#define KILL "\025"
#define REPRINT "\022"
#define LITERAL "\026"

static void editing(void) {
  try_keys("a line", "hello\n");
  try_keys("return is a newline", "one\r");
  try_keys("erase", "helx" ERASE "lo\n");
  try_keys("erase at the beginning", ERASE ERASE "a\n");
  try_keys("erase a control character", "a\001" ERASE "b\n");
  try_keys("erase a tab", "ab\t" ERASE "c\n");
  try_keys("erase a tab after a tab", "a\tbc\t" ERASE "d\n");
  try_keys("erase a tab after a control character", "\001\t" ERASE "d\n");
  try_keys("word erase", "one two  " WORD "2\n");
  try_keys("word erase stops at punctuation", "one/two_3" WORD "x\n");
  try_keys("word erase of everything", "   one" WORD WORD "x\n");
  try_keys("word erase with Latin-1", "a \344b" WORD "x\n");
  try_keys("kill", "lost" KILL "kept\n");
  try_keys("kill with a tab and a control character", "a\tb\001c" KILL "x\n");
  try_keys("reprint", "ab\001" REPRINT "c\n");
  try_keys("literal", "a" LITERAL ERASE LITERAL INTERRUPT LITERAL LITERAL "b\n");
  try_keys("literal newline", "a" LITERAL "\nb\n");
  try_keys("literal end", "a" LITERAL END "b\n");
  try_keys("a null byte stays", "a\n");
  type_bytes("x\0y\n", 4);
  show_all("a null byte, shown", master);
  show_read("a null byte, read", slave, 100);
  try_keys("control characters", "\001\t\033[A\177\n");
}

static void ends(void) {
  try_keys("end alone", END);
  try_keys("end in a line", "abc" END);
  try_keys("end twice", "abc" END END);
  show_read("the second end", slave, 100);
  type("abc" END);
  show_read("all of a line that ends without a newline", slave, 3);
  show_read("no second end", slave, 100);
  type("abc" END "def\n");
  show_read("up to the end", slave, 2);
  show_read("the rest", slave, 100);
  show_read("and the next", slave, 100);
  show_all("echo", master);

  set_key(VEOL, ';');
  set_key(VEOL2, '|');
  try_keys("another end of lines", "a;b|c\n");
  show_read("the second", slave, 100);
  show_read("the third", slave, 100);
  set_key(VEOL, 0);
  local(0, IEXTEN);
  try_keys("without IEXTEN", "a|b" WORD LITERAL "c\n");
  local(IEXTEN, 0);
  set_key(VEOL2, 0);
  set_key(VERASE, '#');
  try_keys("another erase", "abx#c" ERASE "\n");
  set_key(VERASE, 127);
  set_key(VEOF, 0);
  try_keys("no end", "ab" END "c\n");
  set_key(VEOF, 4);
}

static void dividing(void) {
  int count;
  type("first\nsecond\nthird");
  show_all("echo", master);
  MUST(ioctl(slave, FIONREAD, &count));
  SHOW(count);
  show_read("a part", slave, 3);
  show_read("the rest of that line", slave, 100);
  MUST(ioctl(slave, FIONREAD, &count));
  SHOW(count);
  show_read("the next line", slave, 7);
  show_read("no third", slave, 100);
  type("\n");
  show_read("now", slave, 100);
  show_all("echo", master);
  SHOW(read(slave, NULL, 0));

  int flags = (int)MUST(fcntl(slave, F_GETFL));
  MUST(fcntl(slave, F_SETFL, flags | O_NONBLOCK));
  char byte;
  SHOW(read(slave, &byte, 1));
  type("x");
  show_all("echo", master);
  SHOW(read(slave, &byte, 1));
  type("\n");
  SHOW(is_readable(slave));
  SHOW(read(slave, &byte, 1));
  SHOW(read(slave, &byte, 1));
  SHOW(read(slave, &byte, 1));
  MUST(fcntl(slave, F_SETFL, flags));
  show_all("echo", master);
}

static void long_lines(void) {
  static char line[5000], got[8192];
  local(0, ECHO);
  memset(line, 'a', sizeof line);
  line[4094] = 'b', line[4095] = 'c', line[4999] = 'z';
  type_bytes(line, sizeof line);
  type("\n");
  SHOW(is_readable(slave));
  long length = read(slave, got, sizeof got);
  SHOW(length);
  show_bytes("its end", got + 4090, length - 4090);
  type_bytes(line, sizeof line);
  type(ERASE ERASE "\n");
  SHOW(is_readable(slave));
  length = read(slave, got, sizeof got);
  SHOW(length);
  show_bytes("erased at its end", got + length - 4, 4);
  local(ECHO, 0);
}

static void echoing(void) {
  local(0, ECHO);
  try_keys("no echo", "secret" ERASE "\n");
  local(ECHONL, 0);
  try_keys("newline only", "secret\n");
  local(ECHO, ECHONL);
  local(0, ECHOCTL);
  try_keys("control characters as they are", "a\001" ERASE "b\n");
  local(ECHOCTL, ECHOE);
  try_keys("erase shows itself", "ab" ERASE "c\n");
  try_keys("kill shows itself", "ab" KILL "c\n");
  local(ECHOE, ECHOKE);
  try_keys("kill ends the line on the screen", "ab" KILL "c\n");
  local(0, ECHOK);
  try_keys("kill without a new line", "ab" KILL "c\n");
  local(ECHOKE | ECHOK | ECHOPRT, 0);
  try_keys("erase on paper", "abc" ERASE ERASE "d\n");
  try_keys("kill on paper", "abc" KILL "d\n");
  local(0, ECHOPRT);
  change(slave, IUTF8, 0, 0, 0, 0, 0);
  try_keys("erase of a character of two bytes", "a\303\251" ERASE "b\n");
  try_keys("kill with characters of several bytes", "\342\202\254x" KILL "b\n");
  try_keys("tab after one", "\303\251\t" ERASE "b\n");
  change(slave, 0, IUTF8, 0, 0, 0, 0);
  try_keys("bytes of it are characters otherwise", "a\303\251" ERASE "b\n");
  char prompt[] = "$ ";
  MUST(write(slave, prompt, 2));
  try_keys("a tab behind a prompt", "\t" ERASE "x\n");
}

static void mapping(void) {
  change(slave, INLCR, ICRNL, 0, 0, 0, 0);
  try_keys("newline is a return", "a\nb\r");
  set_key(VEOL, '\r');
  try_keys("return ends", "\r");
  set_key(VEOL, 0);
  type(END);
  show_read("flushed", slave, 100);
  change(slave, IGNCR, INLCR, 0, 0, 0, 0);
  try_keys("returns are ignored", "a\rb\n");
  change(slave, ICRNL | ISTRIP, IGNCR, 0, 0, 0, 0);
  try_keys("seven bits", "\341\342\n");
  change(slave, IUCLC, ISTRIP, 0, 0, 0, 0);
  try_keys("lower case", "ABc\n");
  change(slave, PARMRK, IUCLC, 0, 0, 0, 0);
  try_keys("a marked byte", "a\377b\n");
  change(slave, 0, PARMRK, 0, 0, 0, 0);
}

static void put(const char *what, const char *text) {
  MUST(write(slave, text, strlen(text)) == (ssize_t)strlen(text) ? 0 : -1);
  show_all(what, master);
}

static void output(void) {
  put("newlines", "a\nb\n");
  put("a return stays", "a\rb\r\n");
  change(slave, 0, 0, 0, ONLCR, 0, 0);
  put("newline alone", "a\nb\n");
  change(slave, 0, 0, OCRNL, 0, 0, 0);
  put("return is a newline", "a\rb\n");
  change(slave, 0, 0, ONLCR, OCRNL, 0, 0);
  change(slave, 0, 0, ONOCR, 0, 0, 0);
  put("no return at the beginning", "\r\nx\r\r\n");
  change(slave, 0, 0, ONLRET, ONOCR | ONLCR, 0, 0);
  put("newline returns", "a\nb\tc\n");
  change(slave, 0, 0, TAB3 | ONLCR, ONLRET, 0, 0);
  put("tabs are spaces", "a\tbc\t12345678\tx\n\t|\n");
  put("backspace counts", "abc\b\b\tx\n");
  change(slave, 0, 0, OLCUC, TAB3, 0, 0);
  put("upper case", "abc\n");
  change(slave, 0, 0, 0, OPOST, 0, 0);
  put("as it is", "abc\n\t\r\n");
  change(slave, 0, 0, OPOST, OLCUC, 0, 0);
}

int main(void) {
  begin();
  open_pair();
  editing();
  ends();
  dividing();
  long_lines();
  echoing();
  mapping();
  output();
  return 0;
}
