/** `run.mjs <name> [...args]` runs `packages/scripts/src/<name>.ts` and ends with its exit code. */
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { register } from "tsx/esm/api";

// The AWS SDK's notice about Node 20 is known: its versions are pinned.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";

const folder = new URL("../src/", import.meta.url);
const names = readdirSync(folder).flatMap((file) => (file.endsWith(".ts") ? file.slice(0, -".ts".length) : []));
const [name, ...args] = process.argv.slice(2);

if (name !== undefined && names.includes(name)) {
  const script = new URL(`${name}.ts`, folder);
  process.argv = [process.argv[0], fileURLToPath(script), ...args];
  register();
  await import(script.href);
} else {
  process.stderr.write(`${name === undefined ? "Name a script." : `There is no script ${name}.`} There are: ${names.sort().join(", ")}\n`);
  process.exitCode = 1;
}
