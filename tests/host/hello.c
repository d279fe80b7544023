// SPDX-License-Identifier: MIT
// For the test of `spawnlab cc`: a flag, an argument and a status that show.
#include <stdio.h>

#define TEXT_OF(name) #name
#define TEXT(name) TEXT_OF(name)

int main(int argc, char **argv) {
  (void)argc;
  printf("%s %s\n", TEXT(GREETING), argv[1]);
  return 7;
}
