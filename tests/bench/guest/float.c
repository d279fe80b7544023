// SPDX-License-Identifier: MIT
// Floating-point work for measuring a hart: planets, matrices, an iteration that diverges, sums in both widths, conversions,
// division and square roots. Prints a checksum of the bits, which must be the same everywhere: no contraction to fused operations.
//   float ROUNDS

#include "runtime/runtime.h"
#include "runtime/options.h"

#pragma STDC FP_CONTRACT OFF

enum { BODIES = 5, SIDE = 40, PIXELS = 48 };

static uint64_t bits_of(double value) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

static struct body {
  double x, y, z, vx, vy, vz, mass;
} bodies[BODIES];

static uint64_t planets(void) {
  for (int i = 0; i < BODIES; i++) bodies[i] = (struct body){i * 1.5, 2.0 - i, i * 0.25, 0.1 * i, 0.2, -0.05 * i, 1.0 / (i + 1)};
  for (int step = 0; step < 400; step++) {
    for (int i = 0; i < BODIES; i++)
      for (int j = i + 1; j < BODIES; j++) {
        struct body *a = &bodies[i], *b = &bodies[j];
        double dx = a->x - b->x, dy = a->y - b->y, dz = a->z - b->z;
        double square = dx * dx + dy * dy + dz * dz + 0.01, force = 0.001 / (square * __builtin_sqrt(square));
        a->vx -= dx * b->mass * force, a->vy -= dy * b->mass * force, a->vz -= dz * b->mass * force;
        b->vx += dx * a->mass * force, b->vy += dy * a->mass * force, b->vz += dz * a->mass * force;
      }
    for (int i = 0; i < BODIES; i++) {
      bodies[i].x += 0.001 * bodies[i].vx;
      bodies[i].y += 0.001 * bodies[i].vy;
      bodies[i].z += 0.001 * bodies[i].vz;
    }
  }
  return bits_of(bodies[0].x) ^ bits_of(bodies[BODIES - 1].vz);
}

static double left[SIDE][SIDE], right[SIDE][SIDE];

static uint64_t matrices(void) {
  for (int i = 0; i < SIDE; i++)
    for (int j = 0; j < SIDE; j++) left[i][j] = (i + 1) / (j + 1.0), right[i][j] = (j - i) * 0.5;
  double sum = 0;
  for (int i = 0; i < SIDE; i++)
    for (int j = 0; j < SIDE; j++) {
      double cell = 0;
      for (int k = 0; k < SIDE; k++) cell += left[i][k] * right[k][j];
      sum += cell * 0.001;
    }
  return bits_of(sum);
}

static uint64_t pixels(void) {
  uint64_t steps = 0;
  for (int row = 0; row < PIXELS; row++)
    for (int column = 0; column < PIXELS; column++) {
      double a = column * 3.0 / PIXELS - 2, b = row * 2.0 / PIXELS - 1, x = 0, y = 0;
      int left_over = 60;
      while (left_over > 0 && x * x + y * y < 4) {
        double next = x * x - y * y + a;
        y = 2 * x * y + b;
        x = next;
        left_over--;
      }
      steps = steps * 5 + (uint64_t)left_over;
    }
  return steps;
}

static uint64_t conversions(void) {
  float narrow = 0;
  double wide = 0;
  int64_t whole = 0;
  for (int i = 1; i < 6000; i++) {
    narrow += 1.0f / (float)i;
    wide += __builtin_sqrt((double)narrow) / i;
    whole += (int64_t)(wide * 1000.0) + (int32_t)narrow;
    if (wide > narrow && -wide < (double)whole) whole ^= i;
  }
  return bits_of(wide) ^ bits_of(narrow) ^ (uint64_t)whole;
}

int main(int argc, char **argv, char **envp) {
  (void)envp;
  uint64_t rounds = 1, sum = 0;
  if (argc != 2 || !parse_number(argv[1], &rounds)) usage_error("ROUNDS");
  for (uint64_t round = 0; round < rounds; round++) {
    sum = sum * 7 + planets();
    sum = sum * 7 + matrices();
    sum = sum * 7 + pixels();
    sum = sum * 7 + conversions();
  }
  print("%lx\n", (unsigned long)sum);
  return 0;
}
