// SPDX-License-Identifier: MIT
// spawn_template_spawn: the parent's half. Checks in the interface's order, then a child through the same clone path as vfork,
// whose work (spawn/child.ts) is the action list and exec. The caller sleeps, killable, until the child has let go of its memory.

import { E2BIG, EACCES, EBADF, EINVAL, ENOMEM } from "../abi/errno.ts";
import { CLONE_PIDFD, CLONE_VFORK, CLONE_VM } from "../abi/sched.ts";
import { SIGCHLD } from "../abi/signal.ts";
import { SPAWN_TEMPLATE_SPAWN_ARGS_SIZE, SPAWN_TEMPLATE_SPAWN_INHERIT_FDS } from "../abi/spawn-template.ts";
import { Outcome } from "../lib/outcome.ts";
import { PAGE_SIZE } from "../memory/frames.ts";
import { admit, free } from "../memory/heap.ts";
import { copyInStruct } from "../memory/user.ts";
import { awaitVforkChild, cloneTask } from "../process/clone.ts";
import { newCloneArgs } from "../process/clone-args.ts";
import { Task } from "../process/task.ts";
import { ActionList, listError } from "./actions.ts";
import { FIRST_CLOSED, SpawnChild } from "./child.ts";
import { SpawnTemplate } from "./template.ts";

/** The call; `at` and `size`: struct spawn_template_spawn_args in user memory. Runs again when the vfork sleep ends. */
export function spawnFromTemplate(self: Task, fd: i32, at: u64, size: u64): Outcome {
  if (self.vforkPid != 0) return awaitVforkChild(self);
  if (size < <u64>SPAWN_TEMPLATE_SPAWN_ARGS_SIZE) return -EINVAL;
  if (size > PAGE_SIZE) return -E2BIG;
  const file = self.files.get(fd);
  if (file == null || file.isPathOnly) return -EBADF;
  if (!(file instanceof SpawnTemplate)) return -EINVAL;
  const template = file as SpawnTemplate;
  // The same object, not equal ids: a fork's or a setuid's credentials are somebody else's.
  if (template.credentials != self.credentials) return -EACCES;
  if (!admit()) return -ENOMEM;
  const copied = copyInStruct(self.space, ARGS, SPAWN_TEMPLATE_SPAWN_ARGS_SIZE, at, <usize>size);
  if (copied < 0) return copied;
  const reserved = load<u64>(ARGS, 48) | load<u64>(ARGS, 56) | load<u64>(ARGS, 64) | load<u64>(ARGS, 72);
  const flags = load<u64>(ARGS);
  if ((flags & ~(<u64>SPAWN_TEMPLATE_SPAWN_INHERIT_FDS)) != 0 || load<u64>(ARGS, 8) == 0 || reserved != 0) return -EINVAL;
  const actions = ActionList.read(self, load<u64>(ARGS, 32), load<u64>(ARGS, 40));
  if (actions == null) return listError;
  const stale = template.check(self.fs, self.credentials);
  if (stale < 0) {
    actions.dispose();
    return stale;
  }
  return startChild(self, template, actions);
}

function startChild(self: Task, template: SpawnTemplate, actions: ActionList): Outcome {
  const child = new SpawnChild(template, actions);
  child.inheritsFds = (load<u64>(ARGS) & SPAWN_TEMPLATE_SPAWN_INHERIT_FDS) != 0;
  child.argv = load<u64>(ARGS, 16);
  child.envp = load<u64>(ARGS, 24);
  const clone = newCloneArgs();
  clone.flags = CLONE_VM | CLONE_VFORK | CLONE_PIDFD;
  clone.pidfd = load<u64>(ARGS, 8);
  clone.exitSignal = SIGCHLD;
  clone.work = child;
  // Only actions can use what the child closes before it executes.
  if (actions.count == 0 && !child.inheritsFds) clone.descriptors = FIRST_CLOSED;
  const pid = cloneTask(self, clone);
  if (pid < 0) {
    child.dispose();
    return pid;
  }
  return awaitVforkChild(self);
}

const ARGS = memory.data(80, 8);
