import { execFile } from "node:child_process";
import { promisify } from "node:util";
/** What `sst build` wrote, as the tests of this folder read it. */
import { createHash, randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { synth } from "../../packages/scripts/src/synth.ts";

export const root = fileURLToPath(new URL("../..", import.meta.url));

// CloudFormation's properties have no types of ours: a test that asks for the wrong one fails.
type Properties = Record<string, any>;

export type Resource = {
  id: string;
  /** The stack's name without stage and app. */
  stack: string;
  Type: string;
  Properties: Properties;
  DependsOn?: string[];
  DeletionPolicy?: string;
  UpdateReplacePolicy?: string;
};

export type Lambda = {
  resource: Resource;
  /** Handler path from the repository's root, as in the manifests. */
  handler: string;
  environment: Record<string, unknown>;
  /** The bundle, and the name under which it exports the handler. */
  file: string;
  exportName: string;
};

export type Assembly = { stage: string; directory: string; stacks: string[]; resources: Resource[]; lambdas: Lambda[] };

/** Builds a stage, once for each state of the sources and parameters: other test files and later runs read the same directory. */
export async function assemble(stage: string, parameters: Record<string, string> = {}): Promise<Assembly> {
  const builds = join(root, ".sst", "assemblies");
  const directory = join(builds, `${stage}-${await hashOfSources(JSON.stringify(parameters))}`);
  if (!existsSync(directory)) {
    const unfinished = join(builds, `unfinished-${randomUUID()}`);
    await synth({ root, stage, outDir: unfinished, parameters });
    // Another process may have been faster; then this build is one too many.
    await rename(unfinished, directory).catch(() => rm(unfinished, { recursive: true, force: true }));
    await removeOlderThan(10 * 60 * 1_000, builds);
  }
  return read(stage, directory);
}

async function read(stage: string, directory: string): Promise<Assembly> {
  const prefix = `${stage}-fashionistas-`;
  const suffix = ".template.json";
  const resources: Resource[] = [];
  const stacks: string[] = [];
  for (const file of (await readdir(directory)).sort()) {
    if (!file.endsWith(suffix)) continue;
    const stack = file.slice(prefix.length, -suffix.length);
    const template = JSON.parse(await readFile(join(directory, file), "utf8")) as { Resources?: Record<string, Omit<Resource, "id" | "stack">> };
    stacks.push(stack);
    for (const [id, resource] of Object.entries(template.Resources ?? {})) resources.push({ ...resource, id, stack, Properties: resource.Properties ?? {} });
  }
  const lambdas = resources.filter(({ Type }) => Type === "AWS::Lambda::Function").map((resource) => lambdaOf(resource, directory));
  return { stage, directory, stacks, resources, lambdas };
}

function lambdaOf(resource: Resource, directory: string): Lambda {
  const { Handler, Code, Environment } = resource.Properties;
  const [, path, exportName] = /^(.*)\.([^.]+)$/.exec(Handler as string) ?? [];
  return {
    resource,
    handler: Handler,
    environment: Environment?.Variables ?? {},
    file: join(directory, `asset.${(Code.S3Key as string).replace(/\.zip$/, "")}`, `${path}.mjs`),
    exportName: exportName ?? "",
  };
}

async function hashOfSources(parameters: string): Promise<string> {
  const hash = createHash("sha256").update(parameters);
  for (const place of [
    "sst.config.ts",
    "package.json",
    "pnpm-lock.yaml",
    "stacks",
    "functions",
    "packages/core",
    "packages/integrations",
    "packages/scripts/src",
  ])
    await add(hash, join(root, place));
  return hash.digest("hex").slice(0, 16);
}

async function add(hash: ReturnType<typeof createHash>, path: string): Promise<void> {
  if (/\.(ts|json|yaml)$/.test(path)) {
    if (existsSync(path)) hash.update(`${path}\n`).update(await readFile(path));
    return;
  }
  for (const entry of await readdir(path, { withFileTypes: true }))
    if (entry.name !== "node_modules" && (entry.isDirectory() || /\.(ts|json)$/.test(entry.name))) await add(hash, join(path, entry.name));
}

async function removeOlderThan(ms: number, builds: string): Promise<void> {
  for (const name of await readdir(builds)) {
    const build = join(builds, name);
    if (Date.now() - (await stat(build)).mtimeMs > ms) await rm(build, { recursive: true, force: true });
  }
}

/** The resource that a `Ref` or `Fn::GetAtt` of the same stack names. */
export function referred({ resources }: Assembly, from: Resource, reference: Properties): Resource {
  const id = reference["Ref"] ?? reference["Fn::GetAtt"]?.[0];
  const found = resources.find((resource) => resource.stack === from.stack && resource.id === id);
  if (!found) throw new Error(`${from.stack}/${from.id} refers to ${JSON.stringify(reference)}, which is not in its stack`);
  return found;
}

/** Every statement that allows something, with the function or service role it is given to. */
export function grants(assembly: Assembly): { to: string; actions: string[]; resources: unknown[] }[] {
  return ofType(assembly, "AWS::IAM::Policy").flatMap((policy) =>
    (policy.Properties["PolicyDocument"].Statement as Properties[])
      .filter(({ Effect }) => Effect === "Allow")
      .map(({ Action, Resource }) => ({ to: holderOf(assembly, policy), actions: [Action].flat(), resources: [Resource].flat() })),
  );
}

function holderOf(assembly: Assembly, policy: Resource): string {
  const [role] = policy.Properties["Roles"].map((reference: Properties) => referred(assembly, policy, reference));
  const fn = assembly.lambdas.find(({ resource }) => resource.stack === role.stack && resource.Properties["Role"]["Fn::GetAtt"][0] === role.id);
  return fn?.handler ?? `${role.stack}/${role.id}`;
}

export function ofType({ resources }: Assembly, type: string): Resource[] {
  return resources.filter(({ Type }) => Type === type);
}

export function lambdaFor({ lambdas }: Assembly, handler: string): Lambda {
  const found = lambdas.filter((lambda) => lambda.handler === handler);
  if (found.length !== 1) throw new Error(`${found.length} functions have the handler ${handler}`);
  return found[0]!;
}

/**
 * Runs `script` in a Node process of its own, where `handler` is the function as it would be deployed: its real bundle, with
 * nothing but its declared variables around it. `environment` replaces their values, which only exist after a deployment.
 */
export async function withBundle(lambda: Lambda, script: string, environment: Record<string, string> = {}): Promise<unknown> {
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
