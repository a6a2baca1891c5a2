import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { synth } from "../synth.ts";
import { percentile, sized, type Section } from "./report.ts";

const ROOT = fileURLToPath(new URL("../../../..", import.meta.url));

/** The least that a handler of ours could be: what the product's own code costs is what comes on top. */
const BARE = {
  "bare hono": `import { Hono } from "hono"; import { handle } from "hono/aws-lambda";
export const handler = handle(new Hono().get("/", (c) => c.json({ ok: true })));`,
  "bare hono + dynamodb": `import { Hono } from "hono"; import { handle } from "hono/aws-lambda";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb"; import { DynamoDBDocumentClient, GetCommand } from "@aws-sdk/lib-dynamodb";
const table = DynamoDBDocumentClient.from(new DynamoDBClient({}));
export const handler = handle(new Hono().get("/", async (c) => c.json((await table.send(new GetCommand({ TableName: "t", Key: { pk: "a", sk: "b" } }))).Item)));`,
};

type Bundle = { name: string; file: string; environment: Record<string, string> };

/** Bytes of each deployed bundle and the time its import takes in a fresh process, against bare handlers bundled alike. */
export const bundles: Section = async (bench) => {
  const { say, figure } = bench;
  const scratch = await mkdtemp(join(tmpdir(), "fashionistas-bench-"));
  try {
    const directory = bench.assembly ?? (await synth({ root: ROOT, stage: "production", outDir: join(scratch, "assembly"), print: say })).directory;
    const bare = await bundleBare(scratch);
    const deployed = await lambdasIn(directory);
    const rounds = sized(bench, 7, 3, 1);
    const timed = [...bare, ...(bench.size === "full" ? deployed : deployed.filter(({ name }) => /^api\/handler|process-stripe|^streams\/outbox/.test(name)))];
    say(`importing ${timed.length} bundles, ${rounds} times each`);
    const times = new Map<string, number[]>();
    for (let round = 0; round < rounds; round++) for (const one of timed) times.set(one.name, [...(times.get(one.name) ?? []), await importMs(one)]);
    const median = (name: string) => percentile(times.get(name) ?? [], 0.5);
    for (const { name, file } of [...bare, ...deployed]) {
      figure(`${name}: size`, (await stat(file)).size / 1_000, "kB");
      if (!times.has(name)) continue;
      figure(`${name}: import`, median(name), "ms");
      if (bare.some((one) => one.name === name)) continue;
      // Only one function answers HTTP through Hono; the others have the table in common with the second.
      for (const one of bare)
        if (name === "api/handler" || one.name.includes("dynamodb")) figure(`${name}: import to ${one.name}`, median(name) / median(one.name), "times");
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
};

/** The functions that CloudFormation would make of this directory, each bundle once. */
async function lambdasIn(directory: string): Promise<Bundle[]> {
  const found = new Map<string, Bundle>();
  for (const template of (await readdir(directory)).filter((file) => file.endsWith(".template.json"))) {
    const { Resources } = JSON.parse(await readFile(join(directory, template), "utf8")) as { Resources?: Record<string, Resource> };
    for (const { Type, Properties } of Object.values(Resources ?? {})) {
      if (Type !== "AWS::Lambda::Function" || !Properties.Handler.startsWith("functions/")) continue;
      const path = Properties.Handler.slice(0, Properties.Handler.lastIndexOf("."));
      const environment = Object.fromEntries(Object.keys(Properties.Environment?.Variables ?? {}).map((name) => [name, "declared"]));
      found.set(path, {
        name: path.slice("functions/".length),
        file: join(directory, `asset.${Properties.Code.S3Key.replace(/\.zip$/, "")}`, `${path}.mjs`),
        environment,
      });
    }
  }
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

type Resource = { Type: string; Properties: { Handler: string; Code: { S3Key: string }; Environment?: { Variables?: object } } };

/** As sst bundles: one minified ES module for Node. */
async function bundleBare(scratch: string): Promise<Bundle[]> {
  const { build } = createRequire(createRequire(join(ROOT, "package.json")).resolve("sst/package.json"))("esbuild") as {
    build(options: object): Promise<unknown>;
  };
  const banner = { js: 'import { createRequire } from "module"; const require = createRequire(import.meta.url);' };
  return Promise.all(
    Object.entries(BARE).map(async ([name, contents]) => {
      const file = join(scratch, `${name.replaceAll(/\W+/g, "-")}.mjs`);
      const resolving = { resolveDir: join(ROOT, "functions"), loader: "ts" };
      await build({
        stdin: { contents, ...resolving },
        nodePaths: [join(ROOT, "packages/core/node_modules")],
        outfile: file,
        bundle: true,
        minify: true,
        format: "esm",
        platform: "node",
        target: "esnext",
        mainFields: ["module", "main"],
        logLevel: "error",
        banner,
      });
      return { name, file, environment: {} };
    }),
  );
}

async function importMs({ file, environment }: Bundle): Promise<number> {
  const program = `const from = performance.now(); await import(${JSON.stringify(file)}); process.stdout.write(String(performance.now() - from)); process.exit(0);`;
  const env = { ...environment, AWS_REGION: "eu-west-1", AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true" };
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", program], { env, timeout: 60_000 });
  return Number(stdout);
}
