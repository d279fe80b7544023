// SPDX-License-Identifier: MIT
// Mixed integer work for measuring a hart: sorting, hashing, a sieve, text, matrices, pointer chasing; no floating point and
// hardly a system call. Prints a checksum, which must be the same everywhere.
//   integer ROUNDS

#include "runtime/runtime.h"
#include "runtime/options.h"

enum { ITEMS = 1 << 14, TABLE = 1 << 12, PRIMES = 1 << 16, TEXT = 1 << 15, SIDE = 48, NODES = 1 << 14 };

static uint64_t state = 88172645463325252ull;

static uint64_t next_random(void) {
  state ^= state << 13;
  state ^= state >> 7;
  return state ^= state << 17;
}

static uint32_t items[ITEMS];

static void sort(uint32_t *low, uint32_t *high) {
  while (low < high) {
    uint32_t pivot = low[(high - low) / 2], *left = low, *right = high;
    while (left <= right) {
      while (*left < pivot) left++;
      while (*right > pivot) right--;
      if (left > right) break;
      uint32_t kept = *left;
      *left++ = *right;
      *right-- = kept;
    }
    if (right - low < high - left) {
      sort(low, right);
      low = left;
    } else {
      sort(left, high);
      high = right;
    }
  }
}

static uint64_t sorting(void) {
  for (int i = 0; i < ITEMS; i++) items[i] = (uint32_t)next_random();
  sort(items, items + ITEMS - 1);
  uint64_t sum = 0;
  for (int i = 1; i < ITEMS; i++) sum = sum * 31 + (items[i] >= items[i - 1] ? items[i] : 0);
  return sum;
}

static uint64_t keys[TABLE], counts[TABLE];

static uint64_t hashing(void) {
  memset(keys, 0, sizeof keys);
  memset(counts, 0, sizeof counts);
  for (int i = 0; i < 4 * TABLE; i++) {
    uint64_t key = next_random() % (TABLE / 2) + 1, slot = (key * 0x9e3779b97f4a7c15ull) >> 52;
    while (keys[slot] && keys[slot] != key) slot = (slot + 1) & (TABLE - 1);
    keys[slot] = key;
    counts[slot]++;
  }
  uint64_t sum = 0;
  for (int i = 0; i < TABLE; i++) sum += keys[i] * counts[i] ^ (uint64_t)i;
  return sum;
}

static uint8_t is_composite[PRIMES];

static uint64_t sieve(void) {
  memset(is_composite, 0, sizeof is_composite);
  uint64_t sum = 0;
  for (uint32_t i = 2; i < PRIMES; i++) {
    if (is_composite[i]) continue;
    sum += i;
    for (uint32_t j = i * 2; j < PRIMES; j += i) is_composite[j] = 1;
  }
  return sum;
}

static char text[TEXT];

static uint64_t words(void) {
  for (int i = 0; i < TEXT; i++) text[i] = (char)(next_random() % 6 ? 'a' + (int)(next_random() % 26) : ' ');
  uint64_t count = 0, hash = 0;
  uint32_t crc = ~0u;
  for (int i = 0; i < TEXT; i++) {
    count += text[i] == ' ' && i && text[i - 1] != ' ';
    hash = text[i] == ' ' ? hash ^ (hash >> 15) : hash * 33 + (uint8_t)text[i];
    crc ^= (uint8_t)text[i];
    for (int bit = 0; bit < 4; bit++) crc = (crc >> 1) ^ (0xedb88320u & -(crc & 1));
  }
  for (int i = 0; i + 3 < TEXT; i++) count += text[i] == 't' && text[i + 1] == 'h' && text[i + 2] == 'e';
  return hash + count + crc;
}

static int64_t left[SIDE][SIDE], right[SIDE][SIDE], product[SIDE][SIDE];

static uint64_t matrices(void) {
  for (int i = 0; i < SIDE; i++)
    for (int j = 0; j < SIDE; j++) left[i][j] = (int64_t)(next_random() & 0xffff), right[i][j] = (int64_t)(next_random() & 0xffff);
  uint64_t sum = 0;
  for (int i = 0; i < SIDE; i++)
    for (int j = 0; j < SIDE; j++) {
      int64_t cell = 0;
      for (int k = 0; k < SIDE; k++) cell += left[i][k] * right[k][j];
      product[i][j] = cell;
      sum = sum * 3 + (uint64_t)(cell / (j + 1) % 1000);
    }
  return sum;
}

static struct node {
  struct node *next;
  uint64_t value;
} nodes[NODES];

static uint64_t chasing(void) {
  uint32_t at = 0;
  for (uint32_t i = 0; i < NODES; i++) {
    uint32_t following = (at + 7919) & (NODES - 1); // odd step: visits every node
    nodes[at] = (struct node){&nodes[following], next_random()};
    at = following;
  }
  uint64_t sum = 0;
  const struct node *node = nodes;
  for (int i = 0; i < 4 * NODES; i++) {
    sum += node->value >> (i & 7);
    node = node->next;
  }
  return sum;
}

int main(int argc, char **argv, char **envp) {
  (void)envp;
  uint64_t rounds = 1, sum = 0;
  if (argc != 2 || !parse_number(argv[1], &rounds)) usage_error("ROUNDS");
  for (uint64_t round = 0; round < rounds; round++) {
    sum = sum * 7 + sorting();
    sum = sum * 7 + hashing();
    sum = sum * 7 + sieve();
    sum = sum * 7 + words();
    sum = sum * 7 + matrices();
    sum = sum * 7 + chasing();
  }
  print("%lx\n", (unsigned long)sum);
  return 0;
}
