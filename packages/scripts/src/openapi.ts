import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { openapiDocument } from "./openapi/document.ts";

/** `pnpm openapi` writes the API's document from its routes; `--check` says whether it is up to date. */
const api = new URL("../../../functions/api/", import.meta.url);

/** The files: the document for readers and generators, and the same as a module for the Lambda, which can read no file. */
export function openapiFiles(): { path: string; text: string }[] {
  const document = openapiDocument();
  return [
    { path: fileURLToPath(new URL("openapi.json", api)), text: `${JSON.stringify(document, null, 2)}\n` },
    {
      path: fileURLToPath(new URL("openapi.generated.ts", api)),
      text: `/** Written by \`pnpm openapi\` from the routes: the OpenAPI document. */\nexport const openapiJson = ${JSON.stringify(JSON.stringify(document))};\n`,
    },
  ];
}

export function main(args: readonly string[]): number {
  const stale = openapiFiles().filter(({ path, text }) => !existsSync(path) || readFileSync(path, "utf8") !== text);
  if (args.includes("--check")) {
    if (stale.length > 0) process.stderr.write("The API's document is not what the routes say: run pnpm openapi and commit it.\n");
    return stale.length > 0 ? 1 : 0;
  }
  for (const { path, text } of stale) writeFileSync(path, text);
  return 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = main(process.argv.slice(2));
