// SPDX-License-Identifier: MIT
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["tests/**/*.test.ts"],
    globalSetup: ["tests/support/global-setup.ts"],
    // a machine's work is synchronous: a worker answers its runner only between tests
    testTimeout: 30_000,
  },
});
