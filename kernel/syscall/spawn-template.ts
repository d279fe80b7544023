// SPDX-License-Identifier: MIT
// The two proposed calls (README, "The two calls").

import { Outcome } from "../lib/outcome.ts";
import { Task } from "../process/task.ts";
import { createTemplate } from "../spawn/create.ts";
import { spawnFromTemplate } from "../spawn/spawn.ts";

/** spawn_template_create(args, size): a template fd for one executable. */
export function sysSpawnTemplateCreate(self: Task): Outcome {
  return createTemplate(self, self.arg(0), self.arg(1));
}

/** spawn_template_spawn(fd, args, size): starts a child from it; the child's pid. */
export function sysSpawnTemplateSpawn(self: Task): Outcome {
  return spawnFromTemplate(self, self.argInt(0), self.arg(1), self.arg(2));
}
