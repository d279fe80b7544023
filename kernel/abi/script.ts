// SPDX-License-Identifier: MIT
// Shared by kernel and host: compiled by asc and by tsc. The script of a packed module: what a host did to a machine and what came of
// it, as records that kernel/player does and compares again. Little endian.
//
//   script   0 magic u64, 8 length u32 (of the records), 12 version u32, 16 checksum u64 (of the records), 24 records
//   record   0 kind u32, 4 length u32 (of what follows the record), 8 and on by kind:
//   PRINT    the text follows
//   FAILURE  the text follows: printed if a later call gives something else, up to the next FAILURE
//   CALL     8 call u32, 12 output length u32, 16 result u64, 24 output hash u64, 32 console hash u64, 40 spare,
//            48 arguments u64[9]; the input follows: what the host had put into the transfer buffer
//   END      8 exit code u32

export const SCRIPT_MAGIC = 0x6b63617073; // "spack"
export const SCRIPT_VERSION = 1;
export const SCRIPT_HEADER_SIZE = 24;
export const SCRIPT_RECORD_SIZE = 120;
export const SCRIPT_ARGUMENTS = 9;

export const SCRIPT_PRINT = 0;
export const SCRIPT_FAILURE = 1;
export const SCRIPT_CALL = 2;
export const SCRIPT_END = 3;

// The exports of kernel/index.ts that a script can call.
export const SCRIPT_CALL_BOOT = 0;
export const SCRIPT_CALL_IMAGE_ENTRY = 1;
export const SCRIPT_CALL_IMAGE_DATA = 2;
export const SCRIPT_CALL_IMAGE_MOUNT = 3;
export const SCRIPT_CALL_START = 4;
export const SCRIPT_CALL_RUN = 5;
export const SCRIPT_CALL_NOW = 6;
export const SCRIPT_CALL_NEXT_TIMER = 7;
export const SCRIPT_CALL_ADVANCE_TO = 8;
export const SCRIPT_CALL_RETIRED = 9;
export const SCRIPT_CALL_EXIT_STATUS = 10;
export const SCRIPT_CALL_CONSOLE_INPUT = 11;
export const SCRIPT_CALL_CONSOLE_EOF = 12;
export const SCRIPT_CALL_PEEK = 13;
export const SCRIPT_CALL_POKE = 14;
export const SCRIPT_CALL_ACTOR_CREATE = 15;
export const SCRIPT_CALL_ACTOR_CALL = 16;
export const SCRIPT_CALL_ACTOR_RESULT = 17;
export const SCRIPT_CALL_ACTOR_SIGNALS = 18;
export const SCRIPT_CALL_LEAK_REPORT = 19;
export const SCRIPT_CALL_POWER_OFF = 20;
export const SCRIPT_CALL_CONSOLE_SIGNAL = 21;
export const SCRIPT_CALL_CONSOLE_HANGUP = 22;
export const SCRIPT_CALL_CONSOLE_RESIZE = 23;
export const SCRIPT_CALL_STATE_HASH = 21;
