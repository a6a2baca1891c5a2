import { defineConfig } from "vitest/config";

/** Tests run against the real engine, every file with a table of its own, so all files run side by side. */
export default defineConfig({
  test: {
    include: ["tests/**/*.test.ts"],
    globalSetup: ["tests/kit/engine.ts"],
    setupFiles: ["tests/kit/environment.ts"],
    // The tests wait for the engine as often as they compute: no core is kept free for the runner.
    maxWorkers: "100%",
    testTimeout: 30_000,
    hookTimeout: 60_000,
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true" },
  },
});
