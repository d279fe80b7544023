// SPDX-License-Identifier: MIT
// System call numbers to handlers, one line each. A number without a line is ENOSYS, and counted.

import * as nr from "../abi/syscalls.ts";
