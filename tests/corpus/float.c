// SPDX-License-Identifier: MIT
// Floating point where IEEE 754 leaves no choice: bit patterns, rounding modes, exceptions, conversions, comparisons.

#include "check.h"

#include <fenv.h>
#include <math.h>

#pragma STDC FENV_ACCESS ON

static uint64_t bits(double value) {
  uint64_t pattern;
  memcpy(&pattern, &value, sizeof pattern);
  return isnan(value) ? 0x7ff8000000000000 : pattern; // which NaN is the processor's choice
}

static uint32_t bits32(float value) {
  uint32_t pattern;
  memcpy(&pattern, &value, sizeof pattern);
  return isnan(value) ? 0x7fc00000 : pattern;
}

static const volatile double values[] = {0.0,    -0.0,     1.0,      -1.0,  0.1,         1.0 / 3,  1e308,  -1e308,
                                         4.9e-324, 2.2e-308, INFINITY, -INFINITY, 123456789.125, 2.5,  -3.5, 9007199254740993.0};

static void arithmetic(void) {
  uint64_t hash = 0;
  for (size_t i = 0; i < COUNT(values); i++) {
    double a = values[i];
    say("%.17g: sqrt %lx floor %lx ceil %lx trunc %lx rint %lx round %lx float %x\n", a, bits(sqrt(a)), bits(floor(a)), bits(ceil(a)),
        bits(trunc(a)), bits(rint(a)), bits(round(a)), bits32((float)a));
    for (size_t j = 0; j < COUNT(values); j++) {
      double b = values[j];
      uint64_t results[] = {bits(a + b), bits(a - b), bits(a * b), bits(a / b), bits(fma(a, b, 1.0)), bits(fmod(a, b)),
                            bits32((float)a + (float)b), bits32((float)a * (float)b), bits32((float)a / (float)b),
                            bits32(fmaf((float)a, (float)b, -1.0F)), bits(copysign(a, b)), bits(nextafter(a, b)),
                            (uint64_t)((a < b) | (a <= b) << 1 | (a == b) << 2 | isunordered(a, b) << 3)};
      for (size_t k = 0; k < COUNT(results); k++) hash = (hash ^ results[k]) * 0x100000001b3;
    }
    say("  with each of the others: %016lx\n", hash);
  }
}

static void rounding(void) {
  static const int modes[] = {FE_TONEAREST, FE_TOWARDZERO, FE_DOWNWARD, FE_UPWARD};
  static const char *const names[] = {"nearest", "zero", "down", "up"};
  volatile double one = 1, three = 3, tiny = 1e-300, half = 2.5;
  volatile float f_one = 1, f_three = 3;
  for (int i = 0; i < 4; i++) {
    fesetround(modes[i]);
    // volatile, or the compiler may compute them after the mode has been changed back
    volatile double third = one / three, minus = -one / three, sum = one + tiny, r = rint(half), n = nearbyint(-half), root = sqrt(three);
    volatile float f_third = f_one / f_three, narrow = (float)third;
    volatile long converted = lrint(half), minus_converted = lrint(-half), back = fegetround() == modes[i];
    fesetround(FE_TONEAREST);
    say("%s: %a %a %a %a %a %a %a %a %ld %ld %ld\n", names[i], third, minus, sum, r, n, root, (double)f_third, (double)narrow, converted,
        minus_converted, back);
  }
}

static void exceptions(void) {
  volatile double zero = 0, one = 1, three = 3, huge = 1e308, small = 1e-308, minus = -1, result;
  volatile float narrow;
  static const struct { int flag; const char *name; } flags[] = {
      {FE_INVALID, "invalid"}, {FE_DIVBYZERO, "divide"}, {FE_OVERFLOW, "overflow"}, {FE_UNDERFLOW, "underflow"}, {FE_INEXACT, "inexact"}};
#define RAISES(expression)                                                 \
  do {                                                                     \
    feclearexcept(FE_ALL_EXCEPT);                                          \
    expression;                                                            \
    int raised = fetestexcept(FE_ALL_EXCEPT);                              \
    say("%s:", #expression);                                               \
    for (int i = 0; i < 5; i++)                                            \
      if (raised & flags[i].flag) say(" %s", flags[i].name);               \
    say("\n");                                                             \
  } while (0)
  RAISES(result = one / three);
  RAISES(result = one / zero);
  RAISES(result = zero / zero);
  RAISES(result = sqrt(minus));
  RAISES(result = huge * huge);
  RAISES(result = small * small);
  RAISES(result = one + one);
  RAISES(narrow = (float)huge);
  RAISES(narrow = (float)one);
  RAISES(result = (double)(long)three);
  RAISES(result = fma(huge, huge, minus));
  RAISES(feraiseexcept(FE_OVERFLOW | FE_INVALID));
  (void)result, (void)narrow;
}

static void conversions(void) {
  static const volatile double numbers[] = {0.5, -0.5, 1.5, -1.5, 2147483647.5, -2147483648.0, 4294967295.0, 9223372036854774784.0};
  for (size_t i = 0; i < COUNT(numbers); i++) {
    double d = numbers[i];
    say("%.1f: long %ld", d, (long)d);
    if (d > -2147483649.0 && d < 2147483648.0) say(" int %d", (int)d);
    if (d > -1) say(" unsigned long %lu", (unsigned long)d);
    say(" lrint %ld\n", lrint(d));
  }
  static const volatile long integers[] = {0, -1, INT64_MAX, INT64_MIN, 9007199254740993, -9007199254740993, 16777217};
  for (size_t i = 0; i < COUNT(integers); i++)
    say("%ld: double %a float %a from unsigned %a\n", integers[i], (double)integers[i], (double)(float)integers[i],
        (double)(unsigned long)integers[i]);
  int exponent;
  double fraction = frexp(48.0, &exponent), whole;
  say("frexp %a %d ldexp %a modf %a", fraction, exponent, ldexp(0.75, 6), modf(-3.25, &whole));
  say(" %a logb %a scalbn %lx\n", whole, logb(48.0), bits(scalbn(1.0, -1074)));
  say("min %a max %a hypot %a remainder %a\n", fmin(1.0, NAN), fmax(NAN, 2.0), hypot(3.0, 4.0), remainder(5.0, 3.0));
  say("%d %d %d %d %d\n", fpclassify(0.0) == FP_ZERO, fpclassify(4.9e-324) == FP_SUBNORMAL, isinf(values[10]) != 0, isnan(NAN) != 0,
      signbit(-0.0) != 0);
  say("strtod %a %lx %a %a\n", strtod("0.1", 0), bits(strtod("1e-320", 0)), strtod("0x1.8p3", 0), strtod("179769313486231580793e289", 0));
  say("%.17g %.17g %.20e\n", 0.1, 1.0 / 3, 2.0 / 3);
}

static volatile int handled;
static volatile double from_handler;

static void handle(int number) {
  volatile double x = 1.0;
  for (int i = 0; i < 20; i++) x = x * 1.5 + number;
  from_handler = x;
  fesetround(FE_UPWARD);
  handled++;
}

static void across_signals(void) { // a handler's floating-point state must not leak into what it interrupted
  signal(SIGUSR1, handle);
  double x = 1, y = 2, z = 3;
  for (int i = 0; i < 10; i++) {
    x = x * 1.1, y = y + x, z = sqrt(y);
    raise(SIGUSR1);
  }
  say("%a %a %a handled %d, rounding restored %d\n", x, y, z, handled, fegetround() == FE_TONEAREST);
}

int main(void) {
  begin();
  arithmetic();
  rounding();
  exceptions();
  conversions();
  across_signals();
  return 0;
}
