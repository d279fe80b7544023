// SPDX-License-Identifier: MIT
// Shared by kernel and host: compiled by asc and by tsc. clock_gettime(2), timer_create(2), setitimer(2), timerfd_create(2).

export const CLOCK_REALTIME = 0;
export const ITIMER_REAL = 0;
export const CLOCK_MONOTONIC = 1;
export const ITIMER_VIRTUAL = 1;
export const TIMER_ABSTIME = 1;
export const CLOCK_PROCESS_CPUTIME_ID = 2;
export const ITIMER_PROF = 2;
export const CLOCK_THREAD_CPUTIME_ID = 3;
export const CLOCK_MONOTONIC_RAW = 4;
export const CLOCK_REALTIME_COARSE = 5;
export const CLOCK_MONOTONIC_COARSE = 6;
export const CLOCK_BOOTTIME = 7;
export const CLOCK_REALTIME_ALARM = 8;
export const CLOCK_BOOTTIME_ALARM = 9;
export const CLOCK_TAI = 11;

// sigev_notify
export const SIGEV_SIGNAL = 0;
export const SIGEV_NONE = 1;
export const SIGEV_THREAD = 2;
export const SIGEV_THREAD_ID = 4;

// timerfd_settime
export const TFD_TIMER_ABSTIME = 1;
export const TFD_TIMER_CANCEL_ON_SET = 2;
