// SPDX-License-Identifier: MIT
// spawn_template_spawn: the child's half. It applies its actions in order, closes what it should not inherit, and executes the
// pinned file; whatever fails is its exit status. No signal handler runs in it. Control comes from trap.ts, as kernel work of
// the new task.

import { FINDING_USE_AFTER_FREE, TRACE_ACTION, TRACE_EXEC } from "../abi/boundary.ts";
import { EACCES, EINVAL, ENOENT, ENOEXEC } from "../abi/errno.ts";
import {
  QUIRK_ACTIONS_NOT_RESTARTED, QUIRK_DEFERRED_RELEASE, QUIRK_EMPTY_COMM, QUIRK_FAILURE_CODE_PAST_NO_RETURN, QUIRK_UNSHIFTED_EXIT,
  QUIRK_VFORK_KILL_FREES_CONTEXT,
} from "../abi/quirks.ts";
import { SIGKILL, SIGSEGV, SI_KERNEL } from "../abi/signal.ts";
import { SPAWN_TEMPLATE_ACTION_SIZE } from "../abi/spawn-template.ts";
import { NO_DEADLINE, RESTART } from "../file/wait-queue.ts";
import { pathOf } from "../fs/file-access.ts";
import { formatPath } from "../fs/path.ts";
import { trace } from "../host.ts";
import { PATH_MAX } from "../lib/limits.ts";
import { BLOCKED, NO_RESULT, Outcome } from "../lib/outcome.ts";
import { report } from "../lib/panic.ts";
import { hasQuirk } from "../lib/quirks.ts";
import { BUFFER, isTracing } from "../lib/tracing.ts";
import { free } from "../memory/heap.ts";
import { execFile, failureAfterCommit } from "../process/exec.ts";
import { beginDying, forceSignal, hasKillingSignal, hasPendingSignal } from "../process/signal.ts";
import { KernelWork, NAME_SIZE, Task } from "../process/task.ts";
import { ActionList } from "./actions.ts";
import { DeferredFiles } from "./deferred-files.ts";
import { refusesReading, SpawnTemplate } from "./template.ts";

/** Descriptors below this one survive without INHERIT_FDS. */
export const FIRST_CLOSED: u32 = 3;

/** The context of one spawn, owned by the child. */
export class SpawnChild extends KernelWork {
  argv: u64 = 0;
  envp: u64 = 0;
  inheritsFds: bool = false;
  private index: i32 = 0;
  private hasStarted: bool = false;
  private deferred: DeferredFiles | null = null;

  /** Retains the template, so that the pinned file stays denied to writers until the child has executed it or died; owns the list. */
  constructor(
    private template: SpawnTemplate,
    private actions: ActionList,
  ) {
    super();
    template.retain();
    if (hasQuirk(QUIRK_DEFERRED_RELEASE)) this.deferred = new DeferredFiles();
  }

  /** The action that it is in or comes to, from 0; the number of actions when it executes. */
  get position(): i32 {
    return this.index;
  }

  run(self: Task): bool {
    while (this.index < this.actions.count) {
      if (!this.mayUseContext(self)) return true;
      const outcome = this.runAction(self);
      if (outcome == BLOCKED) return this.sleepOrDie(self);
      this.traceStep(self, TRACE_ACTION, this.index, outcome);
      if (outcome < 0) return this.exit(self, outcome);
      this.index++;
      this.hasStarted = false;
    }
    if (!this.mayUseContext(self)) return true;
    if (!this.inheritsFds) {
      this.deferRange(self, FIRST_CLOSED, u32.MAX_VALUE);
      self.files.closeRange(FIRST_CLOSED, u32.MAX_VALUE, 0);
    }
    return this.execute(self);
  }

  abandon(self: Task): void {
    this.dispose();
  }

  dispose(): void {
    const deferred = this.deferred;
    if (deferred != null) deferred.dispose();
    this.actions.dispose();
    this.template.release();
    free(this);
  }

  private runAction(self: Task): Outcome {
    self.isRetry = this.hasStarted;
    if (!this.hasStarted) {
      this.hasStarted = true;
      self.progress = 0;
      self.deadline = NO_DEADLINE;
      self.onSignal = RESTART;
      const deferred = this.deferred;
      if (deferred != null) deferred.keepWhatCloses(self, this.actions.at(this.index));
    }
    return this.actions.apply(self, this.index);
  }

  /** An action sleeps. A fatal signal ends the child there; any other passes unnoticed, or ends it with a quirk. */
  private sleepOrDie(self: Task): bool {
    if (hasKillingSignal(self)) return this.finish(self);
    if (hasQuirk(QUIRK_ACTIONS_NOT_RESTARTED) && hasPendingSignal(self)) return this.exit(self, BLOCKED);
    return false;
  }

  private execute(self: Task): bool {
    const outcome = this.executePinned(self);
    const failed = outcome == NO_RESULT ? failureAfterCommit : outcome;
    this.traceStep(self, TRACE_EXEC, 0, failed);
    if (failed == 0) return this.finish(self);
    if (outcome != NO_RESULT || hasQuirk(QUIRK_FAILURE_CODE_PAST_NO_RETURN)) return this.exit(self, failed);
    forceSignal(self, SIGSEGV, SI_KERNEL, 0);
    return this.finish(self);
  }

  /** Exec of the template's file under its resolved name; NO_RESULT or -errno. */
  private executePinned(self: Task): Outcome {
    const template = this.template;
    if (template.headers == null && refusesReading(template.executable)) return -EINVAL;
    let length: i32 = 0;
    if (!hasQuirk(QUIRK_EMPTY_COMM)) length = formatPath(pathOf(template.executable)!, self.fs.root, NAME, PATH_MAX - 1);
    if (length < 0) return length;
    store<u8>(NAME + <usize>length, 0);
    return execFile(self, template.executable, NAME, this.argv, this.envp, template.headers, false);
  }

  /** The child reports why it could not start, as its exit status. */
  private exit(self: Task, outcome: Outcome): bool {
    const code = exitCode(outcome);
    beginDying(self.process, hasQuirk(QUIRK_UNSHIFTED_EXIT) ? code : code << 8);
    return this.finish(self);
  }

  private finish(self: Task): bool {
    self.work = null;
    this.dispose();
    return true;
  }

  /**
   * With the quirk vfork-kill-frees-context, a parent that a fatal signal took out of its wait has freed the context: the child's
   * next look at it is a use after free. The memory is kept until here (quarantine), poisoned, and the child dies.
   */
  private mayUseContext(self: Task): bool {
    if (self.vforkParent != null || !hasQuirk(QUIRK_VFORK_KILL_FREES_CONTEXT)) return true;
    this.actions.poison();
    report(
      FINDING_USE_AFTER_FREE,
      "use-after-free of the spawn context: allocated by spawn_template_spawn in the parent, freed when a fatal signal ended the parent's vfork wait, used by the child's action loop",
    );
    beginDying(self.process, SIGKILL);
    return !this.finish(self);
  }

  private deferRange(self: Task, first: u32, last: u32): void {
    const deferred = this.deferred;
    if (deferred != null) deferred.keepRange(self, first, last);
  }

  private traceStep(self: Task, event: i32, number: i32, outcome: Outcome): void {
    if (!isTracing) return;
    if (event == TRACE_ACTION) memory.copy(BUFFER, this.actions.at(this.index), SPAWN_TEMPLATE_ACTION_SIZE);
    else memory.copy(BUFFER, self.name, NAME_SIZE);
    trace(event, self.tid, number, outcome);
  }
}

function exitCode(outcome: Outcome): i32 {
  if (outcome == -ENOENT) return 127;
  return outcome == -EACCES || outcome == -ENOEXEC ? 126 : 1;
}

const NAME = memory.data(4096);
