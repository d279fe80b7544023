// SPDX-License-Identifier: MIT
// Terminals under use that makes no sense: processes of several sessions do anything to them in any order, and keys come in between.
// Whatever happens, no invariant breaks, and nothing is left.

import { expect, it } from "vitest";
import { F_SETFL, O_NOCTTY, O_NONBLOCK, O_RDWR } from "../../kernel/abi/fcntl.ts";
import * as ioctl from "../../kernel/abi/ioctl.ts";
import { POLLIN, POLLOUT } from "../../kernel/abi/poll.ts";
import { SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTTIN, SIGTTOU } from "../../kernel/abi/signal.ts";
import * as calls from "../../kernel/abi/syscalls.ts";
import type { PendingCall, TestActor } from "../support/actor.ts";
import { boot } from "../support/boot.ts";
import { HANDLER, pollfds, sigaction, SIG_IGN, timespec } from "../support/structs.ts";

const RUNS = 60;
const STEPS = 250;
const SEED = 20260101;
const KEYS = [0, 3, 4, 8, 9, 10, 13, 17, 18, 19, 21, 22, 23, 26, 28, 65, 95, 127, 0xc3, 0xa9, 0xff];
const REQUESTS = Object.values(ioctl).filter((request) => request !== ioctl.TIOCGPTPEER);

/** mulberry32 */
function randomOf(seed: number): (below: number) => number {
  return (below) => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), seed | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

it(`survive ${RUNS} times ${STEPS} random steps (seed ${SEED})`, { timeout: 120_000 }, () => {
  for (let run = 0; run < RUNS; run++) {
    const random = randomOf(SEED + run);
    const machine = boot({ terminals: { stdin: true, stdout: true, stderr: random(2) === 0 } });
    const actors = [machine.actor(), machine.actor(), machine.actor()];
    for (const actor of actors) {
      for (const signal of [SIGHUP, SIGINT, SIGQUIT]) actor.must(calls.SYS_RT_SIGACTION, signal, sigaction(HANDLER), null, 8);
    }
    const pending = new Map<TestActor, PendingCall>();
    for (let step = 0; step < STEPS; step++) {
      const actor = actors[random(actors.length)]!;
      machine.machine.input(Uint8Array.from({ length: random(6) }, () => KEYS[random(KEYS.length)]!));
      if (random(10) === 0) machine.machine.step(1000n);
      if (random(400) === 0) machine.machine.hangUp();
      if (random(40) === 0) machine.machine.resize(random(3), random(3));
      if (pending.get(actor)?.isDone ?? true) pending.set(actor, doAnything(actor, random));
      if (step % 10 === 0) expect(machine.machine.checkInvariants(), `run ${run}, step ${step}`).toBe("");
    }
  }
});

function doAnything(actor: TestActor, random: (below: number) => number): PendingCall {
  const fd = random(8);
  const [pid, bytes] = [actor.pid, actor.bytes(Uint8Array.from({ length: 64 }, () => KEYS[random(KEYS.length)]!))];
  const pick = <T>(...values: T[]): T => values[random(values.length)]!;
  const path = pick("/dev/ptmx", "/dev/ptmx", "/dev/tty", "/dev/console", "/dev/pts/0", "/dev/pts/1", "/dev/pts/2", "/proc/self/fd/3");
  const attempts: (() => PendingCall)[] = [
    () => actor.start(calls.SYS_OPENAT, -100, path, O_RDWR | pick(0, O_NOCTTY) | pick(0, O_NONBLOCK), 0),
    () => actor.start(calls.SYS_IOCTL, fd, ioctl.TIOCSPTLCK, actor.u32s([0])),
    () => actor.start(calls.SYS_CLOSE, random(2) + 3 + random(4)),
    () => actor.start(calls.SYS_READ, fd, bytes, random(64)),
    () => actor.start(calls.SYS_WRITE, fd, bytes, random(64)),
    () => actor.start(calls.SYS_IOCTL, fd, pick(...REQUESTS), pick<never>(bytes as never, actor.u32s([pid]) as never, random(4) as never)),
    () => actor.start(calls.SYS_IOCTL, fd, pick(ioctl.TIOCSCTTY, ioctl.TIOCNOTTY, ioctl.TIOCGSID), random(2)),
    () => actor.start(calls.SYS_IOCTL, fd, ioctl.TIOCSPGRP, actor.u32s([pick(1, 2, 3, pid)])),
    () => actor.start(calls.SYS_IOCTL, fd, pick(ioctl.TCSETS, ioctl.TCSETSF2, ioctl.TCXONC, ioctl.TCFLSH), pick<never>(bytes as never, random(4) as never)),
    () => actor.start(calls.SYS_PPOLL, actor.bytes(pollfds([fd, POLLIN | POLLOUT], [random(8), POLLIN])), 2, timespec(0), null, 8),
    () => actor.start(calls.SYS_SETSID),
    () => actor.start(calls.SYS_SETPGID, 0, pick(0, 1, 2)),
    () => actor.start(calls.SYS_KILL, pick(2, 3), pick(SIGCONT, SIGCONT, SIGHUP)),
    () => actor.start(calls.SYS_RT_SIGACTION, pick(SIGTTIN, SIGTTOU), sigaction(pick(SIG_IGN, HANDLER, 0), pick(0, 0x10000000)), null, 8),
    () => actor.start(calls.SYS_FCNTL, fd, F_SETFL, pick(0, O_NONBLOCK)),
    () => actor.start(calls.SYS_DUP3, fd, random(8), 0),
  ];
  return attempts[random(attempts.length)]!();
}
