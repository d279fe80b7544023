// SPDX-License-Identifier: MIT
// Looks at everything that is alive and says what does not fit together. For tests and fuzzers: to be asked between calls, as
// often as they like; it changes nothing that a guest or the host can see. Each check is a file of this folder.

import { checkFiles } from "./files.ts";
import { checkFrames } from "./frames.ts";
import { checkProcesses } from "./processes.ts";
import { checkReferences } from "./references.ts";
import { beginReport, endReport } from "./report.ts";
import { checkSpaces } from "./spaces.ts";

/** Writes one line per broken invariant into the transfer buffer; its length, 0 when all hold. */
export function checkAll(): u32 {
  beginReport();
  checkReferences();
  // What follows walks from object to object, and trusts that none of them is gone.
  if (endReport() > 0) return endReport();
  checkFrames();
  checkSpaces();
  checkFiles();
  checkProcesses();
  return endReport();
}
