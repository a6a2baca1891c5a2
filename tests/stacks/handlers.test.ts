import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { beforeAll, expect, test } from "vitest";
import { assemble, type Assembly, type Lambda } from "./assembly.ts";

let app: Assembly;

beforeAll(async () => {
  app = await assemble("production");
}, 300_000);

/**
 * Runs `script` in a Node process of its own, where `handler` is the function as it would be deployed: its real bundle, with
 * nothing but its declared variables around it. `environment` replaces their values, which only exist after a deployment.
 */
async function withBundle(lambda: Lambda, script: string, environment: Record<string, string> = {}): Promise<unknown> {
  const declared = Object.fromEntries(Object.keys(lambda.environment).map((name) => [name, "declared"]));
  const program = `const { ${lambda.exportName}: handler } = await import(${JSON.stringify(lambda.file)});
const result = await (async () => { ${script} })();
process.stdout.write(JSON.stringify(result ?? null));`;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", program], {
    env: { AWS_REGION: "us-east-1", ...declared, ...environment },
    timeout: 30_000,
  });
  return JSON.parse(stdout);
}

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
