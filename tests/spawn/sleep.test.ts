// SPDX-License-Identifier: MIT
// The caller's sleep until its child has executed or died (vfork semantics): what ends it, what does not, who else runs, and what
// both look like meanwhile. The child is kept in its actions by an OPEN of a FIFO without a partner.

import { describe, expect, it } from "vitest";
import { file } from "../../host/core/image.ts";
import { O_RDONLY, O_RDWR, O_WRONLY } from "../../kernel/abi/fcntl.ts";
import { CLONE_FILES, CLONE_FS, CLONE_SIGHAND, CLONE_THREAD, CLONE_VM } from "../../kernel/abi/sched.ts";
import {
  SA_RESTART, SIGCHLD, SIGCONT, SIGINT, SIGKILL, SIGSTOP, SIGTERM, SIGTSTP, SIGUSR1, SIGWINCH,
} from "../../kernel/abi/signal.ts";
import { SYS_SPAWN_TEMPLATE_CREATE, SYS_SPAWN_TEMPLATE_SPAWN } from "../../kernel/abi/spawn-template.ts";
import {
  SYS_CLONE, SYS_EXECVE, SYS_EXIT_GROUP, SYS_GETPID, SYS_KILL, SYS_RT_SIGACTION, SYS_SETPGID, SYS_WAIT4,
} from "../../kernel/abi/syscalls.ts";
import { WUNTRACED } from "../../kernel/abi/wait.ts";
import { GONE, type TestActor } from "../support/actor.ts";
import { boot } from "../support/boot.ts";
import { born, bornProgram } from "../support/born.ts";
import { exits } from "../support/elf-builder.ts";
import { readLink } from "../support/paths.ts";
import { inProfile, literal, PROFILES } from "../support/profiles.ts";
import { exited, maskAction, openAction, startSpawn, template, type SpawnOptions } from "../support/spawn-calls.ts";
import { action, actions, createArgs, HANDLER, openStruct, pack, SIG_IGN, sigaction, spawnArgs } from "../support/structs.ts";
import { TinyProgram } from "../support/tiny-program.ts";

const entries = [
  file("/bin/tool", exits(7), 0o755),
  file("/bin/born", bornProgram, 0o755),
  file("/file", "text", 0o644),
  { path: "fifo", mode: 0o010666 },
  { path: "fifo2", mode: 0o010666 },
];

describe.each(PROFILES)("the caller's sleep, profile %s", (profile) => {
  /** pid 1 watches; pid 2 spawns; pid 3, its child, sleeps in an OPEN of /fifo. */
  function sleeping(options: SpawnOptions = {}, path = "/bin/tool") {
    const test = boot({ profile, entries });
    const init = test.actor();
    const caller = test.actor();
    caller.must(SYS_SETPGID, 0, 0); // pid 1's group is an orphaned one, which SIGTSTP does not stop
    const fd = template(caller, path);
    const fifo = openAction(caller, 0, "/fifo", O_RDONLY);
    const { call, pidfd } = startSpawn(caller, fd, { ...options, actions: [fifo, ...(options.actions ?? [])] });
    test.settle();
    return { test, init, caller, call, pidfd, child: 3, release: () => init.close(init.open("/fifo", O_RDWR)) };
  }

  const send = (init: TestActor, pid: number, signal: number) => init.must(SYS_KILL, pid, signal);
  const stat = (init: TestActor, pid: number) => init.read(init.open(`/proc/${pid}/stat`, O_RDONLY)).split(" ");

  it("lasts while the child is in its actions and ends when it executes", () => {
    const { call, release } = sleeping();
    expect(call.isDone).toBe(false);
    release();
    expect(call.result()).toBe(3);
  });

  it("ends when the child dies instead", () => {
    const { init, caller, call, child } = sleeping();
    send(init, child, SIGKILL);
    expect(call.result()).toBe(3);
    expect(caller.wait(child)).toBe(SIGKILL);
  });

  it("ends when the child's action fails", () => {
    const { call, caller, release } = sleeping({ actions: [action.close(99)] });
    release();
    expect(call.result()).toBe(3);
    expect(caller.wait(3)).toBe(inProfile(literal(exited(1), 1), profile));
  });

  it("has stored the pidfd before the child runs", () => {
    const { pidfd } = sleeping();
    expect(pidfd()).toBe(4);
  });

  for (const { signal, name } of [{ signal: SIGKILL, name: "SIGKILL" }, { signal: SIGTERM, name: "SIGTERM with its default action" }]) {
    it(`is ended by ${name}; the child lives on`, () => {
      const { test, init, call, caller, child, release } = sleeping();
      send(init, caller.pid, signal);
      test.settle();
      expect(call.big()).toBe(BigInt(GONE));
      expect(init.wait(caller.pid)).toBe(signal);
      expect(stat(init, child)[2]).toBe("S");
      release();
      test.settle();
      // The child was handed to pid 1, unless it used freed memory.
      const freed = test.takeFindings().map(({ kind }) => kind);
      expect(freed).toEqual(inProfile(literal<string[]>([], ["use-after-free"]), profile));
      expect(init.wait(child)).toBe(inProfile(literal(exited(7), SIGKILL), profile));
    });
  }

  it.each([
    ["a handled signal", HANDLER, 0],
    ["a handled signal with SA_RESTART", HANDLER, SA_RESTART],
    ["an ignored signal", SIG_IGN, 0],
  ])("is not ended by %s", (_, handler, flags) => {
    const { test, init, caller, call, release } = sleepingWith(handler, flags);
    send(init, caller.pid, SIGTERM);
    test.settle();
    expect(call.isDone).toBe(false);
    expect(caller.takeSignals()).toEqual([]);
    release();
    expect(call.result()).toBe(3);
    test.settle();
    expect(caller.takeSignals().includes(SIGTERM)).toBe(handler === HANDLER);
  });

  function sleepingWith(handler: number, flags: number) {
    const test = boot({ profile, entries });
    const init = test.actor();
    const caller = test.actor();
    const fd = template(caller, "/bin/tool");
    caller.must(SYS_RT_SIGACTION, SIGTERM, sigaction(handler, flags), null, 8);
    const { call } = startSpawn(caller, fd, { actions: [openAction(caller, 0, "/fifo", O_RDONLY)] });
    test.settle();
    return { test, init, caller, call, release: () => init.close(init.open("/fifo", O_RDWR)) };
  }

  it("is not ended by a signal that is ignored by default", () => {
    const { test, init, caller, call } = sleeping();
    send(init, caller.pid, SIGWINCH);
    test.settle();
    expect(call.isDone).toBe(false);
  });

  it.each([["SIGSTOP", SIGSTOP], ["SIGTSTP", SIGTSTP]])("postpones the stop by %s until it is over", (_, signal) => {
    const { test, init, caller, call, release } = sleeping();
    send(init, caller.pid, signal);
    test.settle();
    expect(init.call(SYS_WAIT4, caller.pid, null, WUNTRACED | 1, null)).toBe(0); // not stopped yet
    expect(stat(init, caller.pid)[2]).toBe("D");
    release();
    test.settle();
    const status = init.alloc(4);
    expect(init.call(SYS_WAIT4, caller.pid, status, WUNTRACED | 1, null)).toBe(caller.pid);
    expect(status.s32(0)).toBe((signal << 8) | 0x7f);
    send(init, caller.pid, SIGCONT);
    expect(call.result()).toBe(3);
  });

  it("shows the parent as D and the child as S, and the child as its parent's program", () => {
    const { init, caller, child } = sleeping();
    expect(stat(init, caller.pid)[2]).toBe("D");
    expect(stat(init, child)[2]).toBe("S");
    expect(stat(init, child)[3]).toBe(String(caller.pid));
    const comm = (pid: number) => init.read(init.open(`/proc/${pid}/comm`, O_RDONLY));
    expect(comm(child)).toBe(comm(caller.pid));
    const cmdline = (pid: number) => init.read(init.open(`/proc/${pid}/cmdline`, O_RDONLY));
    expect(cmdline(child)).toBe(cmdline(caller.pid));
  });

  it("shows the child with its parent's executable until it has its own", () => {
    const launcher = new TinyProgram();
    const text = (value: string) => launcher.bytes(Buffer.from(`${value}\0`));
    const tool = text("/bin/parked");
    const template = launcher.call(SYS_SPAWN_TEMPLATE_CREATE, launcher.bytes(createArgs({ filename: tool })), 72);
    const open = action.open(-100, 0, launcher.bytes(openStruct(text("/fifo"), O_RDONLY)));
    const argv = launcher.bytes(pack("u64", tool, "u64", 0));
    const fields = { pidfd: launcher.reserve(16), argv, envp: launcher.reserve(8), actions: launcher.bytes(open), actionsLen: 1 };
    launcher.call(SYS_SPAWN_TEMPLATE_SPAWN, { resultOf: template }, launcher.bytes(spawnArgs(fields)), 80);
    const programs = [file("/bin/launcher", launcher.park().elf(), 0o755), file("/bin/parked", new TinyProgram().park().elf(), 0o755)];
    const test = boot({ entries: [...entries, ...programs] });
    test.machine.start({ program: "/bin/launcher", argv: ["launcher"] });
    test.settle();
    const watcher = test.actor();
    const seen = () => ["exe", "cmdline"].map((name) => (name === "exe" ? readLink(watcher, "/proc/2/exe") : watcher.read(watcher.open("/proc/2/cmdline", O_RDONLY))));
    expect(seen()).toEqual(["/bin/launcher", "launcher\0"]);
    watcher.close(watcher.open("/fifo", O_RDWR));
    test.settle();
    expect(seen()).toEqual(["/bin/parked", "/bin/parked\0"]);
  });

  it("is the calling thread's only: others of its process run", () => {
    const test = boot({ profile, entries });
    const init = test.actor();
    const caller = test.actor();
    const thread = test.adopt(
      caller.must(SYS_CLONE, CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD, 0, 0, 0, 0),
      caller,
    );
    const fd = template(caller, "/bin/tool");
    const { call } = startSpawn(caller, fd, { actions: [openAction(caller, 0, "/fifo", O_RDONLY)] });
    test.settle();
    expect(call.isDone).toBe(false);
    expect(thread.call(SYS_GETPID)).toBe(caller.pid);
    // A second spawn from the same template, while the first one sleeps.
    const second = startSpawn(thread, fd).call.result();
    expect(thread.wait(second)).toBe(exited(7));
    // Closing the template's descriptor does not disturb the first one.
    thread.close(fd);
    init.close(init.open("/fifo", O_RDWR));
    expect(caller.wait(call.result())).toBe(exited(7));
  });

  it.each([["exit_group", SYS_EXIT_GROUP], ["execve", SYS_EXECVE]])("is ended by a sibling thread's %s", (_, number) => {
    const test = boot({ profile, entries });
    const init = test.actor();
    const caller = test.actor();
    const thread = test.adopt(
      caller.must(SYS_CLONE, CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD, 0, 0, 0, 0),
      caller,
    );
    const { call } = startSpawn(caller, template(caller, "/bin/tool"), { actions: [openAction(caller, 0, "/fifo", O_RDONLY)] });
    test.settle();
    const first = number === SYS_EXECVE ? thread.str("/bin/tool") : 7;
    thread.must(number, first, number === SYS_EXECVE ? thread.strings(["tool"]) : 0, 0);
    test.settle();
    expect(call.big()).toBe(BigInt(GONE));
    expect(init.wait(caller.pid)).toBe(exited(7));
    test.takeFindings(); // rfc-v1: the child of the dead thread uses freed memory when it goes on
  });

  it("shares the memory: OPEN's path changes under a list that sleeps before it", () => {
    const test = boot({ profile, entries });
    const init = test.actor();
    const caller = test.actor();
    const writer = test.adopt(caller.must(SYS_CLONE, CLONE_VM | SIGCHLD, 0, 0, 0, 0), caller);
    const fd = template(caller, "/bin/born");
    const path = caller.str("/missing");
    const second = action.open(-100, 1, caller.bytes(openStruct(path, O_RDONLY)));
    const { call } = startSpawn(caller, fd, { actions: [openAction(caller, 0, "/fifo", O_RDONLY), second] });
    test.settle();
    writer.poke(path.address, Buffer.from("/file\0"));
    init.close(init.open("/fifo", O_RDWR));
    const pid = call.result();
    test.settle();
    expect(born(test, pid).flags.get(1)! & 3).toBe(O_RDONLY);
  });

  it("reads argv and envp at exec, and the array of actions before", () => {
    const test = boot({ profile, entries });
    const init = test.actor();
    const caller = test.actor();
    const writer = test.adopt(caller.must(SYS_CLONE, CLONE_VM | SIGCHLD, 0, 0, 0, 0), caller);
    const fd = template(caller, "/bin/born");
    const argument = caller.str("before");
    const list = caller.bytes(actions(openAction(caller, 0, "/fifo", O_RDONLY), action.close(1)));
    const pidfd = caller.alloc(4);
    const args = spawnArgs({ pidfd, argv: caller.u64s([argument.address, 0]), actions: list, actionsLen: 2 });
    const call = caller.start(SYS_SPAWN_TEMPLATE_SPAWN, fd, args, 80);
    test.settle();
    writer.poke(argument.address, Buffer.from("after!\0"));
    writer.poke(list.address, Buffer.alloc(48, 0xff));
    init.close(init.open("/fifo", O_RDWR));
    const pid = call.result();
    test.settle();
    expect(born(test, pid).argv).toEqual(["after!"]);
    expect([...born(test, pid).fds.keys()]).toEqual([0, 2]);
  });

  it("keeps OPEN's file when the struct changes while it sleeps", () => {
    const test = boot({ profile, entries });
    const init = test.actor();
    const caller = test.actor();
    const writer = test.adopt(caller.must(SYS_CLONE, CLONE_VM | SIGCHLD, 0, 0, 0, 0), caller);
    const fd = template(caller, "/bin/born");
    const struct = caller.bytes(openStruct(caller.str("/fifo"), O_RDONLY));
    const { call } = startSpawn(caller, fd, { actions: [action.open(-100, 0, struct)] });
    test.settle();
    writer.poke(struct.address, Buffer.alloc(32, 0xff));
    init.close(init.open("/fifo", O_RDWR));
    const pid = call.result();
    test.settle();
    expect(born(test, pid).fds.get(0)).toBe(false);
  });

  it("gives the child private descriptors, directory and dispositions", () => {
    const { caller, call, release } = sleeping({ actions: [action.closeRange(1, 2)] });
    release();
    call.result();
    expect(caller.write(1, "still open")).toBe(10);
  });

  describe("a signal to the child in its sleep", () => {
    const restarts = profile === "documented";

    it("kills it with its default action", () => {
      const { init, caller, call, child } = sleeping();
      send(init, child, SIGINT);
      expect(call.result()).toBe(child);
      expect(caller.wait(child)).toBe(SIGINT);
    });

    it.each([
      ["the next sleep", true],
      ["the start of the new image", false],
    ])("kills it, once a SIGMASK action has unblocked it, at %s", (_, sleepsAgain) => {
      const test = boot({ profile, entries });
      const init = test.actor();
      const caller = test.actor();
      const fd = template(caller, "/bin/tool");
      const open = (path: string) => openAction(caller, 0, path, O_RDONLY);
      const list = [maskAction(caller, SIGINT), open("/fifo"), maskAction(caller), ...(sleepsAgain ? [open("/fifo2")] : [])];
      const { call } = startSpawn(caller, fd, { actions: list });
      test.settle();
      send(init, 3, SIGINT);
      test.settle();
      expect(call.isDone).toBe(false);
      init.close(init.open("/fifo", O_RDWR));
      expect(call.result()).toBe(3);
      expect(caller.wait(3)).toBe(SIGINT);
    });

    it("passes unnoticed when it is ignored", () => {
      const { test, init, caller, child, call, release } = handled(SIG_IGN, "/bin/born");
      send(init, child, SIGUSR1);
      test.settle();
      expect(call.isDone).toBe(false);
      release();
      expect(call.result()).toBe(child);
      test.settle();
      expect(born(test, child).pending).toEqual([]);
      expect(caller.takeSignals()).toEqual([]);
    });

    it("runs no handler: the action goes on, and the signal, default after exec, kills the new image", () => {
      const { test, init, caller, child, call, release } = handled(HANDLER, "/bin/tool");
      send(init, child, SIGUSR1);
      test.settle();
      expect(call.isDone).toBe(!restarts);
      if (restarts) release();
      expect(call.result()).toBe(child);
      expect(caller.wait(child)).toBe(restarts ? SIGUSR1 : 1);
      expect(caller.takeSignals()).not.toContain(SIGUSR1);
    });

    it("restarts the action from its arguments on", () => {
      const test = boot({ profile, entries });
      const init = test.actor();
      const caller = test.actor();
      const writer = test.adopt(caller.must(SYS_CLONE, CLONE_VM | SIGCHLD, 0, 0, 0, 0), caller);
      caller.must(SYS_RT_SIGACTION, SIGUSR1, sigaction(HANDLER), null, 8);
      const path = caller.str("/fifo\0");
      const fd = template(caller, "/bin/tool");
      const { call } = startSpawn(caller, fd, { actions: [action.open(-100, 0, caller.bytes(openStruct(path, O_RDONLY)))] });
      test.settle();
      writer.poke(path.address, Buffer.from("/fifo2\0"));
      send(init, 4, SIGUSR1);
      test.settle();
      expect(call.isDone).toBe(!restarts);
      if (!restarts) return;
      init.close(init.open("/fifo", O_RDWR));
      test.settle();
      expect(call.isDone).toBe(false); // it waits for the other FIFO now
      init.close(init.open("/fifo2", O_RDWR));
      expect(call.result()).toBe(4);
    });

    it("does not notice a stop and a continuation", () => {
      const { test, init, caller, child, call, release } = sleeping();
      send(init, child, SIGSTOP);
      test.settle();
      expect(call.isDone).toBe(!restarts);
      send(init, child, SIGCONT);
      test.settle();
      expect(call.isDone).toBe(!restarts);
      if (restarts) release();
      expect(call.result()).toBe(child);
      expect(caller.wait(child)).toBe(restarts ? exited(7) : 1);
    });

    function handled(handler: number, path: string) {
      const test = boot({ profile, entries });
      const init = test.actor();
      const caller = test.actor();
      const fd = template(caller, path);
      caller.must(SYS_RT_SIGACTION, SIGUSR1, sigaction(handler, SA_RESTART), null, 8);
      const { call } = startSpawn(caller, fd, { actions: [openAction(caller, 0, "/fifo", O_RDONLY)] });
      test.settle();
      return { test, init, caller, call, child: 3, release: () => init.close(init.open("/fifo", O_RDWR)) };
    }
  });

  it("does not let the writer of a FIFO wait for it: O_WRONLY finds the reader that sleeps", () => {
    const { init, call } = sleeping();
    init.open("/fifo", O_WRONLY);
    expect(call.result()).toBe(3);
  });
});
