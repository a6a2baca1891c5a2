import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { root } from "./source.ts";

const generated = ["patterns", "openapi"].filter((name) => existsSync(join(root, `packages/scripts/src/${name}.ts`)));

it.each(generated)("what `pnpm %s` generates is what is in the repository", (name) => {
  const { status, stderr } = spawnSync(process.execPath, [join(root, "packages/scripts/bin/run.mjs"), name, "--check"], { encoding: "utf8" });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
});
