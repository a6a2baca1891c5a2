/** `audit:verify`: recomputes every journal of the table and says what somebody tampered with. */
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { Verified, Walk } from "@fashionistas/core/db/verify";
import { run, terminal, UserError, type Terminal } from "./admin/api.ts";

const HELP = `pnpm audit:verify [--table name] [--json]

  --table     a deployed table, with your own AWS credentials and region (TABLE_NAME); else the one of pnpm dev on this machine
  --endpoint  another DynamoDB-compatible engine (DYNAMODB_ENDPOINT)
  --api       the server of pnpm dev (API_URL, else http://127.0.0.1:3000)
  --json      the whole result as JSON

Walks the whole table and recomputes every hash chain up to the head that its entity keeps. Finds entries that were changed,
removed, swapped, added or forged, journals that are gone, and entities that are gone without their journal saying so. Nothing
is changed, and the product may go on meanwhile. It reads every item once: half a read unit per 4 KB, doubled for consistency.

Exit code 0: every journal is what was written. 1: somebody tampered with one. 2: it could not be asked.
`;

const options = {
  table: { type: "string" },
  endpoint: { type: "string" },
  api: { type: "string" },
  json: { type: "boolean" },
  help: { type: "boolean" },
} as const;

const TOLD_EVERY_MS = 500;

/** `audit:verify …` on the command line. @returns the exit code */
export function main(args: readonly string[], tty: Terminal = terminal): Promise<number> {
  return run(async () => {
    const { values } = parseArgs({ args: args.filter((argument) => argument !== "--"), options });
    if (values.help) {
      tty.out(HELP);
      return 0;
    }
    await aimAt(values);
    // Core opens its table when it is loaded: not before it is known which.
    const { verifyJournals } = await import("@fashionistas/core/db/verify");
    const { TAMPERINGS } = await import("@fashionistas/core/db/chain");
    const verified = await verifyJournals(Date.now(), progress(tty)).catch((error: Error) => {
      throw new UserError(`${process.env["TABLE_NAME"]} cannot be read (${error.name}): ${error.message}`);
    });
    if (tty.bar) tty.err("\n");
    tty.out(values.json ? `${JSON.stringify(verified, undefined, 2)}\n` : reportOf(verified, TAMPERINGS));
    return verified.findings.length === 0 ? 0 : 1;
  }, tty);
}

async function aimAt({ table, endpoint, api }: { table?: string; endpoint?: string; api?: string }): Promise<void> {
  const { env } = process;
  const name = table ?? env["TABLE_NAME"];
  const at = endpoint ?? env["DYNAMODB_ENDPOINT"] ?? (name ? undefined : await localEngine(api ?? env["API_URL"] ?? "http://127.0.0.1:3000"));
  env["TABLE_NAME"] = name ?? "fashionistas";
  if (!at) return;
  env["DYNAMODB_ENDPOINT"] = at;
  env["AWS_REGION"] ??= "eu-west-1";
  env["AWS_ACCESS_KEY_ID"] ??= "local";
  env["AWS_SECRET_ACCESS_KEY"] ??= "local";
}

async function localEngine(baseUrl: string): Promise<string> {
  const answer = await fetch(`${baseUrl}/_local/overview`, { signal: AbortSignal.timeout(5_000) }).catch(() => undefined);
  if (!answer?.ok) throw new UserError(`Nothing of pnpm dev answers at ${baseUrl}. Start it, or name a deployed table with --table.`);
  return ((await answer.json()) as { engine: string }).engine;
}

function progress(tty: Terminal): (walk: Walk) => void {
  let toldMs = 0;
  return ({ items, entries, journals }) => {
    if (Date.now() - toldMs < TOLD_EVERY_MS) return;
    toldMs = Date.now();
    tty.err(`${tty.bar ? "\r" : ""}${items} items, ${entries} entries of ${journals} journals${tty.bar ? "" : "\n"}`);
  };
}

function reportOf({ items, entries, journals, findings, shortened }: Verified, words: Readonly<Record<string, string>>): string {
  const many = (count: number, one: string, more: string) => `${count} ${count === 1 ? one : more}`;
  return [
    `${many(entries, "entry", "entries")} of ${many(journals, "journal", "journals")} among ${many(items, "item", "items")}`,
    ...findings.map(({ entityId, seq, code }) => `  ${code.padEnd(15)}  ${entityId}  entry ${seq} ${words[code]}`),
    ...shortened.map(({ entityId, beginsAt }) => `  begins later     ${entityId}  at entry ${beginsAt}: those before were kept for seven years`),
    findings.length === 0 ? "Every journal is what was written." : `${many(findings.length, "finding", "findings")}: somebody tampered with the table.`,
    "",
  ].join("\n");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = await main(process.argv.slice(2));
