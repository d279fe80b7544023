// SPDX-License-Identifier: MIT
// execve(2) and execveat(2) by behaviour: what a path, a script or a descriptor leads to, what the new program keeps of the old
// one, and the limits. Images themselves are in loader.test.ts.

import { describe, expect, it } from "vitest";
import { directory, file, type ImageEntry } from "../../host/core/image.ts";
import { AT_EGID, AT_EUID, AT_GID, AT_SECURE, AT_UID } from "../../kernel/abi/auxv.ts";
import {
  AT_EMPTY_PATH, AT_FDCWD, AT_SYMLINK_NOFOLLOW, F_SETFD, FD_CLOEXEC, O_CLOEXEC, O_DIRECTORY, O_PATH, O_RDONLY,
} from "../../kernel/abi/fcntl.ts";
import { PR_SET_NAME, PR_SET_NO_NEW_PRIVS } from "../../kernel/abi/prctl.ts";
import { RLIMIT_STACK } from "../../kernel/abi/resource.ts";
import { SIG_BLOCK, SIGINT, SIGUSR1, SIGUSR2 } from "../../kernel/abi/signal.ts";
import { MS_NOEXEC, MS_NOSUID } from "../../kernel/abi/stat.ts";
import {
  SYS_CHDIR, SYS_EXECVE, SYS_EXECVEAT, SYS_FCNTL, SYS_KILL, SYS_MEMFD_CREATE, SYS_PRCTL, SYS_PRLIMIT64, SYS_RT_SIGACTION,
  SYS_RT_SIGPROCMASK, SYS_SETPRIORITY, SYS_SETRESGID, SYS_SETRESUID, SYS_UMASK,
} from "../../kernel/abi/syscalls.ts";
import { GONE, resultText, type TestActor } from "../support/actor.ts";
import { boot, type TestMachine } from "../support/boot.ts";
import { born, bornProgram, type Born } from "../support/born.ts";
import { HANDLER, pack, SIG_IGN, sigaction, sigset } from "../support/structs.ts";

const UNMAPPED = 0x4000_0000;
const nested = (depth: number): ImageEntry[] =>
  Array.from({ length: depth }, (_, index) => file(`/s/${index + 1}`, `#!/${index === 0 ? "bin/born" : `s/${index}`}\n`, 0o755));

const entries: ImageEntry[] = [
  file("/bin/born", bornProgram, 0o755),
  { path: "bin/link", mode: 0o120777, target: "born" },
  file("/bin/plain", bornProgram, 0o644),
  file("/bin/secret", bornProgram, 0o700),
  { ...file("/bin/setuid", bornProgram), mode: 0o104755, uid: 77, gid: 88 },
  { ...file("/bin/setgid", bornProgram), mode: 0o102755, uid: 77, gid: 88 },
  { ...file("/bin/setgid-no-x", bornProgram), mode: 0o102745, uid: 77, gid: 88 },
  { ...file("/mnt/setuid", bornProgram), mode: 0o104755, uid: 77, gid: 88 },
  { path: "script-setuid", mode: 0o104755, uid: 77, gid: 88, data: Buffer.from("#!/bin/born\n") },
  directory("/dir"),
  { path: "fifo", mode: 0o010777 },
  file("/script", "#!/bin/born\nrest", 0o755),
  file("/script-arg", "#! \t/bin/born \t an argument with blanks \t\nrest", 0o755),
  file("/script-no-newline", "#!/bin/born x", 0o755),
  file("/script-missing", "#!/bin/missing\n", 0o755),
  file("/script-relative", "#!bin/born\n", 0o755),
  file("/script-directory", "#!/dir\n", 0o755),
  file("/script-plain", "#!/bin/plain\n", 0o755),
  file("/script-empty", "#!\n", 0o755),
  file("/script-blank", "#!   \t \n", 0o755),
  file("/script-loop", "#!/script-loop\n", 0o755),
  file("/script-long-arg", `#!/bin/born ${"a".repeat(400)}\n`, 0o755),
  file("/script-long-name", `#!/bin/${"/".repeat(300)}born\n`, 0o755),
  file("/script-limit", `#!/bin/${"/".repeat(243)}born\n`, 0o755),
  file("/script-no-x", "#!/bin/born\n", 0o644),
  file("/hash", "#", 0o755),
  ...nested(6),
];

type Prepare = (child: TestActor, test: TestMachine) => unknown;

/** Executes in a child of pid 1: what the new program was born with, or the errno as text. */
function run(call: (child: TestActor, test: TestMachine) => number): Born | string {
  const test = boot({ entries });
  const actor = test.actor();
  const child = actor.fork();
  const result = call(child, test);
  if (result !== GONE && result !== 0) return resultText(result);
  test.settle();
  return born(test, child.pid);
}

const execve = (path: string, argv: readonly string[] = ["name", "more"], env: readonly string[] = []) => (child: TestActor) =>
  child.call(SYS_EXECVE, path, child.strings(argv), child.strings(env));

describe("execve", () => {
  it.each([
    ["a relative path starts at the working directory", (c: TestActor) => (c.must(SYS_CHDIR, "/bin"), execve("born")(c)), "born"],
    ["a symbolic link is followed, and keeps its name", execve("/bin/link"), "/bin/link"],
    ["an absolute path", execve("/bin/born"), "/bin/born"],
  ])("%s", (_, call, execfn) => {
    expect((run(call) as Born).execfn).toBe(execfn);
  });

  it.each([
    ["a missing file", execve("/bin/missing"), "-ENOENT"],
    ["an empty path", execve(""), "-ENOENT"],
    ["a path through a file", execve("/bin/born/x"), "-ENOTDIR"],
    ["a trailing slash", execve("/bin/born/"), "-ENOTDIR"],
    ["a directory", execve("/dir"), "-EACCES"],
    ["a FIFO", execve("/fifo"), "-EACCES"],
    ["a file without x", execve("/bin/plain"), "-EACCES"],
    ["a file that others may execute only", (c: TestActor) => (becomeUser(c), execve("/bin/secret")(c)), "-EACCES"],
    ["a name over 255 bytes", execve(`/${"x".repeat(256)}`), "-ENAMETOOLONG"],
    ["a path of 4096 bytes", execve(`/${"./".repeat(2048)}`), "-ENAMETOOLONG"],
    ["an unmapped path", (c: TestActor) => c.call(SYS_EXECVE, UNMAPPED, 0, 0), "-EFAULT"],
    ["an unmapped argv", (c: TestActor) => c.call(SYS_EXECVE, "/bin/born", UNMAPPED, 0), "-EFAULT"],
    ["an unmapped envp", (c: TestActor) => c.call(SYS_EXECVE, "/bin/born", 0, UNMAPPED), "-EFAULT"],
    ["an unmapped argument", (c: TestActor) => c.call(SYS_EXECVE, "/bin/born", c.u64s([UNMAPPED, 0]), 0), "-EFAULT"],
    ["an argument that runs into unmapped memory", (c: TestActor) => c.call(SYS_EXECVE, "/bin/born", c.u64s([unterminated(c), 0]), 0), "-EFAULT"],
    ["a file on a noexec mount", (c: TestActor, test: TestMachine) => (test.machine.mount({ path: "/mnt", flags: MS_NOEXEC }), execve("/mnt/setuid")(c)), "-EACCES"],
    ["a missing file comes before an unmapped argv", (c: TestActor) => c.call(SYS_EXECVE, "/bin/missing", UNMAPPED, 0), "-ENOENT"],
  ])("%s is refused, and the caller goes on", (_, call, want) => {
    expect(run(call)).toBe(want);
  });

  describe("limits", () => {
    const withStack = (child: TestActor, bytes: number) => child.must(SYS_PRLIMIT64, 0, RLIMIT_STACK, pack("u64", bytes, "u64", bytes), 0);

    it.each([
      ["a string of 128 KiB with its NUL fits", 131071, true],
      ["a longer one is E2BIG", 131072, false],
    ])("%s", (_, length, fits) => {
      const result = run((child) => child.call(SYS_EXECVE, "/bin/born", child.u64s([child.str("x".repeat(length)).address, 0]), 0));
      if (fits) expect((result as Born).argv).toHaveLength(1);
      else expect(result).toBe("-E2BIG");
    });

    it.each([
      ["a quarter of the stack limit is room for strings and pointers", 1 << 20, 2, true],
      ["beyond it is E2BIG", 1 << 20, 3, false],
      ["128 KiB are always there", 4096, 1, true],
      ["a tiny limit gives no more than that", 4096, 2, false],
    ])("%s", (_, limit, count, fits) => {
      const result = run((child) => {
        withStack(child, limit);
        const string = child.str("x".repeat(100_000)).address;
        return child.call(SYS_EXECVE, "/bin/born", child.u64s([...Array.from({ length: count }, () => string), 0]), 0);
      });
      if (fits) expect(result).toBeTypeOf("object");
      else expect(result).toBe("-E2BIG");
    });

    it("counts pointers: very many empty strings are E2BIG", () => {
      const result = run((child) => {
        withStack(child, 1 << 19);
        const empty = child.str("").address;
        return child.call(SYS_EXECVE, "/bin/born", child.u64s([...Array.from({ length: 16_000 }, () => empty), 0]), 0);
      });
      expect(result).toBe("-E2BIG");
    });

    it("passes a thousand arguments", () => {
      const argv = Array.from({ length: 1000 }, (_, index) => `argument ${index}`);
      expect((run(execve("/bin/born", argv, ["A=1"])) as Born).argv).toEqual(argv);
    });
  });
});

describe("a script", () => {
  it.each([
    ["runs its interpreter with its own name in argv[0]'s place", "/script", ["/bin/born", "/script", "more"]],
    ["gives its one argument, blanks inside and all", "/script-arg", ["/bin/born", "an argument with blanks", "/script-arg", "more"]],
    ["may end without a newline", "/script-no-newline", ["/bin/born", "x", "/script-no-newline", "more"]],
    ["may name a relative interpreter", "/script-relative", ["bin/born", "/script-relative", "more"]],
    ["may be another script's interpreter", "/s/2", ["/bin/born", "/s/1", "/s/2", "more"]],
    ["may be nested five deep", "/s/5", ["/bin/born", "/s/1", "/s/2", "/s/3", "/s/4", "/s/5", "more"]],
    ["has its argument cut at 255 bytes of the line", "/script-long-arg", ["/bin/born", "a".repeat(255 - 12), "/script-long-arg", "more"]],
    ["may have an interpreter name up to the line's limit", "/script-limit", [`/bin/${"/".repeat(243)}born`, "/script-limit", "more"]],
  ])("%s", (_, path, argv) => {
    const result = run(execve(path));
    expect(typeof result === "string" ? result : result.argv).toEqual(argv);
  });

  it.each([
    ["with a missing interpreter", "/script-missing", "-ENOENT"],
    ["with a directory for an interpreter", "/script-directory", "-EACCES"],
    ["with an interpreter without x", "/script-plain", "-EACCES"],
    ["without x itself", "/script-no-x", "-EACCES"],
    ["without an interpreter's name", "/script-empty", "-ENOEXEC"],
    ["with blanks for a name", "/script-blank", "-ENOEXEC"],
    ["with a name that the line's limit cuts", "/script-long-name", "-ENOEXEC"],
    ["that is its own interpreter", "/script-loop", "-ELOOP"],
    ["nested six deep", "/s/6", "-ELOOP"],
    ["that is only a hash", "/hash", "-ENOEXEC"],
  ])("%s is refused", (_, path, want) => {
    expect(run(execve(path))).toBe(want);
  });

  it("names the program after the script, not the interpreter", () => {
    const { comm, execfn } = run(execve("/script-arg")) as Born;
    expect({ comm, execfn }).toEqual({ comm: "script-arg", execfn: "/script-arg" });
  });

  it("without arguments has the empty argv[0] replaced", () => {
    const { argv } = run((child) => child.call(SYS_EXECVE, "/script", 0, 0)) as Born;
    expect(argv).toEqual(["/bin/born", "/script"]);
  });

  it("does not get its set-user-ID bit honoured", () => {
    const { euid } = run((child) => (becomeUser(child), execve("/script-setuid")(child))) as Born;
    expect(euid).toBe(1000);
  });
});

describe("execveat", () => {
  const at = (fd: number, path: string, flags = 0) => (child: TestActor) =>
    child.call(SYS_EXECVEAT, fd, path, child.strings(["name"]), child.strings([]), flags);
  const opened = (path: string, flags: number, then: (fd: number) => (child: TestActor) => number) => (child: TestActor) =>
    then(child.open(path, flags))(child);

  it.each([
    ["an absolute path does not look at the fd", at(-5, "/bin/born"), "/bin/born"],
    ["AT_FDCWD is the working directory", (c: TestActor) => (c.must(SYS_CHDIR, "/bin"), at(AT_FDCWD, "born")(c)), "born"],
    ["a directory's fd, and a name through /dev/fd", opened("/bin", O_DIRECTORY, (fd) => at(fd, "born")), "/dev/fd/3/born"],
    ["AT_EMPTY_PATH executes the file itself", opened("/bin/born", O_RDONLY, (fd) => at(fd, "", AT_EMPTY_PATH)), "/dev/fd/3"],
    ["AT_EMPTY_PATH takes an O_PATH file", opened("/bin/born", O_PATH, (fd) => at(fd, "", AT_EMPTY_PATH)), "/dev/fd/3"],
    ["a close-on-exec fd is no obstacle for a binary", opened("/bin/born", O_CLOEXEC, (fd) => at(fd, "", AT_EMPTY_PATH)), "/dev/fd/3"],
  ])("%s", (_, call, execfn) => {
    const result = run(call);
    expect(typeof result === "string" ? result : result.execfn).toBe(execfn);
  });

  it.each([
    ["an unknown flag", at(AT_FDCWD, "/bin/born", 1), "-EINVAL"],
    ["an empty path without AT_EMPTY_PATH", opened("/bin/born", O_RDONLY, (fd) => at(fd, "")), "-ENOENT"],
    ["a closed fd", at(9, "born"), "-EBADF"],
    ["a closed fd and an empty path", at(9, "", AT_EMPTY_PATH), "-EBADF"],
    ["a file as a directory", opened("/bin/born", O_RDONLY, (fd) => at(fd, "x")), "-ENOTDIR"],
    ["a directory itself", opened("/bin", O_DIRECTORY, (fd) => at(fd, "", AT_EMPTY_PATH)), "-EACCES"],
    ["the working directory itself", at(AT_FDCWD, "", AT_EMPTY_PATH), "-EACCES"],
    ["a pipe", (c: TestActor) => at(c.pipe()[0], "", AT_EMPTY_PATH)(c), "-EACCES"],
    ["the console", at(0, "", AT_EMPTY_PATH), "-EACCES"],
    ["a link with AT_SYMLINK_NOFOLLOW", at(AT_FDCWD, "/bin/link", AT_SYMLINK_NOFOLLOW), "-ELOOP"],
    ["an unmapped path", (c: TestActor) => c.call(SYS_EXECVEAT, AT_FDCWD, UNMAPPED, 0, 0, 0), "-EFAULT"],
    ["a script through a close-on-exec fd", opened("/script", O_CLOEXEC, (fd) => at(fd, "", AT_EMPTY_PATH)), "-ENOENT"],
    ["a script below a close-on-exec directory", opened("/", O_DIRECTORY | O_CLOEXEC, (fd) => at(fd, "script")), "-ENOENT"],
  ])("%s is refused", (_, call, want) => {
    expect(run(call)).toBe(want);
  });

  it("runs a script through a descriptor that stays open, by its /dev/fd name", () => {
    const { argv } = run(opened("/script", O_RDONLY, (fd) => at(fd, "", AT_EMPTY_PATH))) as Born;
    expect(argv).toEqual(["/bin/born", "/dev/fd/3"]);
  });

  it("runs a memfd", () => {
    const { execfn } = run((child) => {
      const fd = child.must(SYS_MEMFD_CREATE, "code", 0);
      child.write(fd, bornProgram);
      return at(fd, "", AT_EMPTY_PATH)(child);
    }) as Born;
    expect(execfn).toBe("/dev/fd/3");
  });
});

describe("the new program", () => {
  const after = (prepare: Prepare, path = "/bin/born") => run((child, test) => (prepare(child, test), execve(path)(child))) as Born;

  it("has the descriptors that are not close-on-exec", () => {
    const { fds } = after((child) => {
      child.open("/bin/born", O_RDONLY);
      child.open("/bin/born", O_CLOEXEC);
      child.must(SYS_FCNTL, 0, F_SETFD, FD_CLOEXEC);
    });
    expect([...fds.keys()]).toEqual([1, 2, 3]);
  });

  it("has default handlers where the old one handled, and ignores what that ignored", () => {
    const { handled, ignored } = after((child) => {
      child.must(SYS_RT_SIGACTION, SIGUSR1, sigaction(HANDLER), null, 8);
      child.must(SYS_RT_SIGACTION, SIGUSR2, sigaction(SIG_IGN), null, 8);
    });
    expect({ handled, ignored }).toEqual({ handled: [], ignored: [SIGUSR2] });
  });

  it("keeps the mask and what is pending", () => {
    const { blocked, pending } = after((child) => {
      child.must(SYS_RT_SIGPROCMASK, SIG_BLOCK, sigset(SIGINT), null, 8);
      child.must(SYS_KILL, child.pid, SIGINT);
    });
    expect({ blocked, pending }).toEqual({ blocked: [SIGINT], pending: [SIGINT] });
  });

  it("keeps directory, umask and nice value, and has a name of its own", () => {
    const { cwd, umask, nice, comm } = after((child) => {
      child.must(SYS_CHDIR, "/dir");
      child.must(SYS_UMASK, 0o27);
      child.must(SYS_SETPRIORITY, 0, 0, 5);
      child.must(SYS_PRCTL, PR_SET_NAME, "old name");
    });
    expect({ cwd, umask, nice, comm }).toEqual({ cwd: "/dir", umask: 0o27, nice: 5, comm: "born" });
  });

  it("keeps everything of the old program when it is refused", () => {
    const test = boot({ entries });
    const actor = test.actor();
    const fd = actor.open("/bin/born", O_CLOEXEC);
    actor.must(SYS_RT_SIGACTION, SIGUSR1, sigaction(HANDLER), null, 8);
    expect(resultText(execve("/script-missing")(actor))).toBe("-ENOENT");
    expect(actor.call(SYS_FCNTL, fd, 1)).toBe(FD_CLOEXEC);
    actor.must(SYS_KILL, actor.pid, SIGUSR1);
    expect(actor.takeSignals()).toEqual([SIGUSR1]);
  });

  const ids = ({ uid, euid, auxv }: Born) => ({
    uid, euid, vector: [AT_UID, AT_EUID, AT_GID, AT_EGID].map((type) => Number(auxv.get(type))), isSecure: auxv.get(AT_SECURE) === 1n,
  });

  it.each([
    ["set-user-ID gives the owner's rights", becomeUser, "/bin/setuid", { uid: 1000, euid: 77, vector: [1000, 77, 1000, 1000], isSecure: true }],
    ["set-group-ID gives the group's rights", becomeUser, "/bin/setgid", { uid: 1000, euid: 1000, vector: [1000, 1000, 1000, 88], isSecure: true }],
    ["set-group-ID without group x means nothing", becomeUser, "/bin/setgid-no-x", { uid: 1000, euid: 1000, vector: [1000, 1000, 1000, 1000], isSecure: false }],
    ["no_new_privs refuses the owner's rights", (c: TestActor) => (becomeUser(c), c.must(SYS_PRCTL, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)), "/bin/setuid", { uid: 1000, euid: 1000, vector: [1000, 1000, 1000, 1000], isSecure: false }],
    ["a nosuid mount refuses them", (c: TestActor, test: TestMachine) => (test.machine.mount({ path: "/mnt", flags: MS_NOSUID }), becomeUser(c)), "/mnt/setuid", { uid: 1000, euid: 1000, vector: [1000, 1000, 1000, 1000], isSecure: false }],
    ["root loses its own to a set-user-ID program", () => 0, "/bin/setuid", { uid: 0, euid: 77, vector: [0, 77, 0, 0], isSecure: true }],
  ])("%s", (_, prepare, path, want) => {
    expect(ids(after(prepare as Prepare, path))).toEqual(want);
  });
});

function becomeUser(child: TestActor): void {
  child.must(SYS_SETRESGID, 1000, 1000, 1000);
  child.must(SYS_SETRESUID, 1000, 1000, 1000);
}

function unterminated(child: TestActor): number {
  const area = child.allocAtEnd(4);
  area.write(Buffer.from("abcd"));
  return area.address;
}

