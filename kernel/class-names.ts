// SPDX-License-Identifier: MIT
// Names of the kernel's object classes, for leak reports. A class that is not listed is reported by its number.

import { FdTable } from "./file/fd-table.ts";
import { PipeFile } from "./file/pipe-file.ts";
import { WaitQueue } from "./file/wait-queue.ts";
import { Credentials, GroupList } from "./fs/credentials.ts";
import { Dentry } from "./fs/dentry.ts";
import { FsContext } from "./fs/fs-context.ts";
import { Mount } from "./fs/mount.ts";
import { Path } from "./fs/path.ts";
import { AddressSpace } from "./memory/address-space.ts";
import { FrameTree } from "./memory/frame-tree.ts";
import { MemoryArea } from "./memory/memory-area.ts";
import { ElfHeaders } from "./process/elf.ts";
import { Pid } from "./process/pid.ts";
import { PidFile } from "./process/pidfd.ts";
import { PendingSignals } from "./process/pending-signals.ts";
import { Process } from "./process/process.ts";
import { SignalHandlers } from "./process/signal-handlers.ts";
import { Task } from "./process/task.ts";
import { ActionList } from "./spawn/actions.ts";
import { SpawnChild } from "./spawn/child.ts";
import { SpawnTemplate } from "./spawn/template.ts";

/** The class's name, or an empty string for one that is not listed. */
export function className(id: u32): string {
  if (id == 0) return "bytes";
  if (id == idof<ActionList>()) return nameof<ActionList>();
  if (id == idof<AddressSpace>()) return nameof<AddressSpace>();
  if (id == idof<Credentials>()) return nameof<Credentials>();
  if (id == idof<Dentry>()) return nameof<Dentry>();
  if (id == idof<ElfHeaders>()) return nameof<ElfHeaders>();
  if (id == idof<FdTable>()) return nameof<FdTable>();
  if (id == idof<FrameTree>()) return nameof<FrameTree>();
  if (id == idof<FsContext>()) return nameof<FsContext>();
  if (id == idof<GroupList>()) return nameof<GroupList>();
  if (id == idof<MemoryArea>()) return nameof<MemoryArea>();
  if (id == idof<Mount>()) return nameof<Mount>();
  if (id == idof<Path>()) return nameof<Path>();
  if (id == idof<PendingSignals>()) return nameof<PendingSignals>();
  if (id == idof<Pid>()) return nameof<Pid>();
  if (id == idof<PidFile>()) return nameof<PidFile>();
  if (id == idof<PipeFile>()) return nameof<PipeFile>();
  if (id == idof<Process>()) return nameof<Process>();
  if (id == idof<SignalHandlers>()) return nameof<SignalHandlers>();
  if (id == idof<SpawnChild>()) return nameof<SpawnChild>();
  if (id == idof<SpawnTemplate>()) return nameof<SpawnTemplate>();
  if (id == idof<Task>()) return nameof<Task>();
  if (id == idof<WaitQueue>()) return nameof<WaitQueue>();
  return "";
}
