import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, it } from "vitest";
import { root } from "./source.ts";

it("PATTERNS.md says what the entities say", () => {
  const { status, stderr } = spawnSync(process.execPath, [join(root, "packages/scripts/bin/run.mjs"), "patterns", "--check"], { encoding: "utf8" });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
});
