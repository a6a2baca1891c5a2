/** `webhooks list|replay`: what vendors told us, and processing it again. */
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { Recovered, WebhookView } from "@fashionistas/core/webhook/schema";
import { adminApi, instantOf, run, terminal, UserError, type AdminApi, type Terminal } from "./admin/api.ts";

const HELP = `pnpm webhooks list   --since 2h [--until …] [--state failed] [--vendor wati] [--json]
pnpm webhooks replay --since 2h [--until …] [--state failed,received] [--id evt_…] [--from-stripe]

  --since         2h, 30m, 7d, or an instant like 2026-11-02T09:00:00Z; kept for 90 days
  --until         the same; now, when left out
  --state         received, processed, ignored, failed; several for a replay, separated by commas
  --id            one event only, by the vendor's id
  --vendor        stripe (default) or wati
  --from-stripe   also receives what Stripe told while our endpoint was not there (its list goes back 30 days)
  --json          one JSON object a line
  --api, --token  API and admin's bearer token (API_URL, API_TOKEN); on this machine both are found by themselves

A replay is harmless: what had its effect keeps it. Marked events are processed within a minute.
`;

const options = {
  since: { type: "string" },
  until: { type: "string" },
  state: { type: "string" },
  id: { type: "string" },
  vendor: { type: "string" },
  "from-stripe": { type: "boolean" },
  json: { type: "boolean" },
  api: { type: "string" },
  token: { type: "string" },
  help: { type: "boolean" },
} as const;

type Values = ReturnType<typeof parseArgs<{ options: typeof options }>>["values"];
type Stretch = { since: string; until?: string };

/** `webhooks …` on the command line. @returns the exit code */
export function main(args: readonly string[], tty: Terminal = terminal): Promise<number> {
  return run(async () => {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    const [command] = positionals;
    if (values.help || (command !== "list" && command !== "replay")) {
      tty.out(HELP);
      return values.help ? 0 : 2;
    }
    if (!values.since) throw new UserError("Say from when on: --since 2h");
    const now = Date.now();
    const stretch = { since: instantOf(values.since, now), ...(values.until ? { until: instantOf(values.until, now) } : {}) };
    const api = await adminApi(values);
    await (command === "list" ? list : replay)(api, stretch, values, tty);
    return 0;
  }, tty);
}

async function list(api: AdminApi, stretch: Stretch, { state, vendor = "stripe", json }: Values, tty: Terminal): Promise<void> {
  const query = new URLSearchParams({ vendor, limit: "100", ...stretch, ...(state ? { state } : {}) });
  let count = 0;
  for await (const { items } of pages<{ items: WebhookView[]; nextCursor: string | null }>((cursor) =>
    api.call("GET", `/webhooks?${query.toString()}${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`),
  )) {
    count += items.length;
    for (const item of items) tty.out(json ? `${JSON.stringify(item)}\n` : lineOf(item));
  }
  tty.err(`${count} ${count === 1 ? "event" : "events"}\n`);
}

function lineOf({ occurredAt, receivedAt, state, type, externalId, attempts, error }: WebhookView): string {
  const trouble = attempts > 0 ? `  failed ${attempts}×${error ? `: ${error}` : ""}` : "";
  return `${occurredAt ?? receivedAt}  ${state.padEnd(9)}  ${type.padEnd(30)}  ${externalId}${trouble}\n`;
}

async function replay(api: AdminApi, stretch: Stretch, values: Values, tty: Terminal): Promise<void> {
  const { state, id, vendor = "stripe", json } = values;
  let received = 0;
  if (values["from-stripe"]) {
    for await (const page of pages<Recovered>((cursor) => api.call("POST", "/webhooks/recover", { since: stretch.since, ...(cursor ? { cursor } : {}) }))) {
      received += page.received;
      tty.err(`Stripe's list: ${page.listed} read, ${received} new\n`);
    }
  }
  const wanted = { vendor, ...stretch, ...(state ? { states: state.split(",") } : {}), ...(id ? { externalId: id } : {}) };
  let marked = 0;
  for await (const page of pages<{ marked: number; nextCursor: string | null }>((cursor) =>
    api.call("POST", "/webhooks/replay", { ...wanted, ...(cursor ? { cursor } : {}) }),
  )) {
    marked += page.marked;
    if (page.nextCursor) tty.err(`${marked} marked so far\n`);
  }
  if (json) tty.out(`${JSON.stringify({ marked, received })}\n`);
  else tty.out(`${marked} marked to be processed again${values["from-stripe"] ? `, ${received} received from Stripe's list` : ""}\n`);
}

async function* pages<Page extends { nextCursor: string | null }>(ask: (cursor: string | null) => Promise<Page>): AsyncGenerator<Page> {
  let cursor: string | null = null;
  do {
    const page: Page = await ask(cursor);
    yield page;
    cursor = page.nextCursor;
  } while (cursor !== null);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = await main(process.argv.slice(2));
