// SPDX-License-Identifier: MIT
// The credentials with which access(2) asks: the real user and group instead of the effective ones.

import { Credentials } from "./credentials.ts";

/** A private copy of the caller's credentials for faccessat(2). Needs an admit(). */
export function accessCredentials(own: Credentials): Credentials {
  const who = own.copy();
  who.fsuid = own.uid;
  who.fsgid = own.gid;
  // A set-user-ID program asks for a real user without its powers; for a real root, with all of them.
  who.effective = own.uid == 0 ? own.permitted : 0;
  return who;
}
