import { defineConfig } from "vitest/config";

/** For `pnpm verify`, which runs this folder without the engine and has a gate of its own for each file that may drift. */
export default defineConfig({ test: { exclude: ["drift.test.ts"] } });
