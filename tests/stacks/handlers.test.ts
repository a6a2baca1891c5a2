import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { beforeAll, expect, test } from "vitest";
import { assemble, type Assembly, withBundle } from "./assembly.ts";

let app: Assembly;

beforeAll(async () => {
  app = await assemble("production");
}, 300_000);

test("every deployed bundle starts by itself and exports its handler", async () => {
  for (const lambda of app.lambdas) {
    expect(existsSync(lambda.file), lambda.file).toBe(true);
    expect(await withBundle(lambda, "return typeof handler"), lambda.handler).toBe("function");
  }
}, 120_000);

test("no function is given a variable that its code never reads, a secret least of all", async () => {
  for (const { file, handler, environment } of app.lambdas) {
    const code = await readFile(file, "utf8");
    expect(
      Object.keys(environment).filter((name) => !code.includes(name)),
      handler,
    ).toEqual([]);
  }
});
