// SPDX-License-Identifier: MIT
// Shared by kernel and host: compiled by asc and by tsc. The proposed linux/spawn_template.h (RFC v1, May 2026).

export const SYS_SPAWN_TEMPLATE_CREATE = 472;
export const SYS_SPAWN_TEMPLATE_SPAWN = 473;

export const SPAWN_TEMPLATE_CREATE_CLOEXEC = 0x1;
export const SPAWN_TEMPLATE_SPAWN_INHERIT_FDS = 0x1;
export const SPAWN_TEMPLATE_MAX_ACTIONS = 256;

// spawn_template_action.type
export const SPAWN_TEMPLATE_ACTION_CLOSE = 0;
export const SPAWN_TEMPLATE_ACTION_DUP2 = 1;
export const SPAWN_TEMPLATE_ACTION_FCHDIR = 2;
export const SPAWN_TEMPLATE_ACTION_OPEN = 3;
export const SPAWN_TEMPLATE_ACTION_CLOSE_RANGE = 4;
export const SPAWN_TEMPLATE_ACTION_SIGMASK = 5;
export const SPAWN_TEMPLATE_ACTION_SIGDEFAULT = 6;

// Sizes in bytes.
export const SPAWN_TEMPLATE_CREATE_ARGS_SIZE = 72;
export const SPAWN_TEMPLATE_SPAWN_ARGS_SIZE = 80;
export const SPAWN_TEMPLATE_ACTION_SIZE = 24;
export const SPAWN_TEMPLATE_OPEN_SIZE = 32;
export const SPAWN_TEMPLATE_SIGSET_SIZE = 16;
