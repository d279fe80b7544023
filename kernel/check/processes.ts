// SPDX-License-Identifier: MIT
// Processes and who waits: the tree, groups and threads link both ways, a task is on the queues that its state asks for, and a
// signal that waits is in its set.

import { WaitNode, WaitQueue } from "../file/wait-queue.ts";
import { classOf, countOf, forEachObject, isPermanent, setCount } from "../memory/heap.ts";
import { PendingSignals, signalBit } from "../process/pending-signals.ts";
import { Process } from "../process/process.ts";
import { runningTask } from "../kernel.ts";
import { firstRunnable, firstTimed } from "../process/scheduler.ts";
import { DEAD, RUNNABLE, SLEEPING, Task, taskCount } from "../process/task.ts";
import { expectIn, require, wrong } from "./report.ts";

let tasks: i32 = 0;

export function checkProcesses(): void {
  tasks = 0;
  forEachObject(forget);
  checkQueues();
  forEachObject(check);
  if (tasks != taskCount()) wrong("tasks", "the number", taskCount(), tasks);
}

function forget(object: usize): void {
  setCount(object, 0);
}

const ON_RUN_QUEUE: i32 = 1;
const ON_TIMER_LIST: i32 = 2;

function checkQueues(): void {
  let task = firstRunnable();
  while (task != null) {
    setCount(changetype<usize>(task), ON_RUN_QUEUE);
    task = task.nextRunnable;
  }
  task = firstTimed();
  while (task != null) {
    const next = task.nextTimed;
    setCount(changetype<usize>(task), countOf(changetype<usize>(task)) | ON_TIMER_LIST);
    require(changetype<usize>(task), "an order by deadline", next == null || next.deadline >= task.deadline);
    task = next;
  }
}

function check(object: usize): void {
  const id = classOf(object);
  if (id == idof<Task>()) checkTask(object, changetype<Task>(object));
  else if (id == idof<Process>()) checkProcess(object, changetype<Process>(object));
  else if (id == idof<WaitQueue>()) checkWaitQueue(object, changetype<WaitQueue>(object));
  else if (id == idof<PendingSignals>()) checkSignals(object, changetype<PendingSignals>(object));
}

function checkTask(object: usize, task: Task): void {
  tasks++;
  expectIn(object, "being on the run queue", countOf(object) & ON_RUN_QUEUE, task.isQueued ? ON_RUN_QUEUE : 0);
  expectIn(object, "being on the timer list", countOf(object) & ON_TIMER_LIST, task.isTimed ? ON_TIMER_LIST : 0);
  if (task.state == RUNNABLE && !task.isActor) require(object, "a place on the run queue", task.isQueued || task == runningTask());
  if (task.state == SLEEPING) require(object, "a call to sleep in", task.hasCall || task.work != null);
  if (task.state == SLEEPING) require(object, "a process that is not to end", !task.process.isDying);
  if (task.isTimed) require(object, "a call or work that ends at the deadline", task.state != DEAD && (task.hasCall || task.work != null));
  if (task.state == RUNNABLE || task.state == DEAD) require(object, "no queue while awake", task.waits == null);
  const child = task.vforkChild;
  if (child != null) require(object, "a vfork child that knows its parent", child.vforkParent == task);
  if (task.state != DEAD) checkThread(object, task);
}

function checkThread(object: usize, task: Task): void {
  let thread = task.process.firstThread;
  while (thread != null && thread != task) thread = thread.nextThread;
  require(object, "a place among the threads of its process", thread == task);
  require(object, "an id that leads to it", task.id.task == task && task.id.number == task.tid);
}

function checkProcess(object: usize, process: Process): void {
  let threads = 0;
  let thread = process.firstThread;
  while (thread != null) {
    threads++;
    require(object, "threads that know it", thread.process == process && thread.state != DEAD);
    thread = thread.nextThread;
  }
  expectIn(object, "its number of threads", process.threadCount, threads);
  expectIn(object, "being a zombie", process.isZombie ? 1 : 0, threads == 0 ? 1 : 0);
  let previous: Process | null = null;
  let child = process.firstChild;
  while (child != null) {
    require(object, "children that know it", child.parent == process && !child.isReaped);
    require(object, "children in a list", load<usize>(changetype<usize>(child), offsetof<Process>("previousSibling")) == changetype<usize>(previous));
    previous = child;
    child = child.nextSibling;
  }
  require(object, "a last child at the end", load<usize>(object, offsetof<Process>("lastChild")) == changetype<usize>(previous));
  if (process.isReaped) {
    require(object, "no parent and no children once reaped", process.parent == null && process.firstChild == null);
    return;
  }
  require(object, "a parent, unless it is pid 1", process.parent != null || process.pid == 1);
  let member = process.group.members;
  while (member != null && member != process) member = member.nextInGroup;
  require(object, "a place in its group", member == process);
}

function checkWaitQueue(object: usize, queue: WaitQueue): void {
  let previous: WaitNode | null = null;
  let node = queue.first;
  while (node != null) {
    require(object, "nodes that know it and the one before", node.queue == queue && node.previous == previous);
    const sleeper = node.sleeper!;
    let own = sleeper.waits;
    while (own != null && own != node) own = own.nextOfSleeper;
    require(object, "sleepers that know their nodes", own == node);
    previous = node;
    node = node.next;
  }
  require(object, "a last node at the end", load<usize>(object, offsetof<WaitQueue>("last")) == changetype<usize>(previous));
}

function checkSignals(object: usize, pending: PendingSignals): void {
  let count = 0;
  let info = pending.oldest;
  while (info != null) {
    count++;
    require(object, "a queued signal in the set", (pending.set & signalBit(info.signo)) != 0);
    info = info.next;
  }
  expectIn(object, "its number of queued signals", pending.count, count);
}
