// SPDX-License-Identifier: MIT
// Programs that glibc's dynamic linker loads, with the libraries that come with the cross compiler; the same source natively is
// the expectation.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { file } from "../../host/core/image.ts";
import { runProgram } from "../support/program.ts";
import { tool } from "../support/tools.ts";

const gcc = tool("gcc");
const place = mkdtempSync(join(tmpdir(), "spawnlab-dynamic-"));
afterAll(() => rmSync(place, { recursive: true }));

const LIBRARIES = ["ld-linux-riscv64-lp64d.so.1", "libc.so.6", "libm.so.6"];
const PROGRAMS = {
  "libc, libm and a lazy binding": String.raw`
    #include <math.h>
    #include <stdio.h>
    #include <stdlib.h>
    int main(int argc, char **argv) {
      char *text = malloc(100000);
      snprintf(text, 100000, "%s %a %d", argv[0], sqrt(argc + 1.0), atoi("42"));
      puts(text);
      return 3;
    }`,
  "threads that share a counter": String.raw`
    #include <pthread.h>
    #include <stdio.h>
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static __thread int own;
    static int shared;
    static void *count(void *unused) {
      for (int i = 0; i < 10000; i++) { pthread_mutex_lock(&lock); shared++; own++; pthread_mutex_unlock(&lock); }
      return (void *)(long)own;
    }
    int main(void) {
      pthread_t threads[4];
      void *result;
      for (int i = 0; i < 4; i++) pthread_create(&threads[i], 0, count, 0);
      for (int i = 0; i < 4; i++) { pthread_join(threads[i], &result); printf("%ld\n", (long)result); }
      printf("%d %d\n", shared, own);
      return 0;
    }`,
  "a program started by posix_spawn": String.raw`
    #include <spawn.h>
    #include <stdio.h>
    #include <sys/wait.h>
    extern char **environ;
    int main(int argc, char **argv) {
      if (argc > 1) return puts("child") < 0;
      char *arguments[] = {argv[0], "child", 0};
      pid_t pid;
      int status;
      printf("%d %d\n", posix_spawn(&pid, "/nonexistent", 0, 0, arguments, environ), posix_spawn(&pid, argv[0], 0, 0, arguments, environ));
      waitpid(pid, &status, 0);
      printf("%d\n", WEXITSTATUS(status));
      return 0;
    }`,
};

it.skipIf(gcc === undefined).each(Object.entries(PROGRAMS))("%s", (_, source) => {
  const path = join(place, "program");
  writeFileSync(`${path}.c`, source);
  execFileSync(gcc!, ["-O1", "-o", path, `${path}.c`, "-lm", "-lpthread"]);
  execFileSync("gcc", ["-O1", "-o", `${path}.native`, `${path}.c`, "-lm", "-lpthread"]);
  const libraries = LIBRARIES.map((name) => {
    const found = execFileSync(gcc!, [`-print-file-name=${name}`], { encoding: "utf8" }).trim();
    return file(`/lib/${name}`, readFileSync(realpathSync(found)), 0o755);
  });
  const native = spawnSync(`${path}.native`, { encoding: "utf8" });
  const { stdout, status } = runProgram(readFileSync(path), { entries: libraries, argv: ["/bin/program"] });
  expect({ stdout, status }).toEqual({ stdout: native.stdout.replaceAll(`${path}.native`, "/bin/program"), status: native.status });
});
