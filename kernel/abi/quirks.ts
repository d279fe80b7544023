// SPDX-License-Identifier: MIT
// Shared by kernel and host: compiled by asc and by tsc. The named quirks of the spawn-template series as bits, and the
// profiles as sets of them (README, "Profiles").

export const QUIRK_UNSHIFTED_EXIT = 1 << 0;
export const QUIRK_VFORK_KILL_FREES_CONTEXT = 1 << 1;
export const QUIRK_SIGDEFAULT_SKIPS_64 = 1 << 2;
export const QUIRK_ACTIONS_NOT_RESTARTED = 1 << 3;
export const QUIRK_EMPTY_COMM = 1 << 4;
export const QUIRK_RELATIVE_PATH_LEAK = 1 << 5;
export const QUIRK_COARSE_CTIME = 1 << 6;
export const QUIRK_DEFERRED_RELEASE = 1 << 7;
export const QUIRK_STALE_PIDFD_VALUE = 1 << 8;
export const QUIRK_UNREADABLE_EXECFD_WARNS = 1 << 9;
export const QUIRK_FAILURE_CODE_PAST_NO_RETURN = 1 << 10;
export const QUIRK_OPEN_WITHOUT_LARGEFILE = 1 << 11;
export const QUIRK_NEWFD_MINUS_ONE_REJECTED = 1 << 12;
export const QUIRK_RELATIVE_PATHS_ACCEPTED = 1 << 13;
export const QUIRK_NO_STALE_CHECK = 1 << 14;
export const QUIRK_NO_ELF_CACHE = 1 << 15;

export const PROFILE_DOCUMENTED = 0;
export const PROFILE_RFC_V1 = 0xfff;
export const PROFILE_PATCH_06 = 0xffff;
