// SPDX-License-Identifier: MIT
// What this system calls itself: uname(2), /proc/version, /proc/sys/kernel.

export const SYSTEM_NAME = "Linux";
export const NODE_NAME = "spawnlab";
/** Programs look at the number: the features are those of Linux 6.12. */
export const RELEASE = "6.12.0-spawnlab";
export const VERSION = "#1 spawnlab";
export const MACHINE = "riscv64";
export const DOMAIN_NAME = "(none)";
