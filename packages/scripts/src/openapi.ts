import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { openapi } from "@fashionistas/functions/api/app";

/** `pnpm openapi` writes functions/api/openapi.json from the routes; `--check` says whether it is up to date. */
const PATH = fileURLToPath(new URL("../../../functions/api/openapi.json", import.meta.url));

/** The document as it is kept: two spaces, a line break at the end. */
export function openapiText(): string {
  return `${JSON.stringify(openapi(), null, 2)}\n`;
}

export function main(args: readonly string[]): number {
  if (!args.includes("--check")) {
    writeFileSync(PATH, openapiText());
    return 0;
  }
  if (readFileSync(PATH, "utf8") === openapiText()) return 0;
  process.stderr.write("functions/api/openapi.json is not what the routes say: run pnpm openapi and commit it.\n");
  return 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = main(process.argv.slice(2));
