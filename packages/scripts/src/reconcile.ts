/** `reconcile [--since …]`: compares our books with Stripe's and says what remains. */
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { ReconciliationView } from "@fashionistas/core/reconciliation/schema";
import { adminApi, instantOf, run, terminal, UserError, type AdminApi, type Terminal } from "./admin/api.ts";

const HELP = `pnpm reconcile [--since 26h] [--until …] [--json]

  --since         2h, 30m, 7d, or an instant like 2026-11-02T09:00:00Z; 26h when left out
  --until         the same; now, when left out
  --quick         does not read every order for tickets without a charge
  --json          the whole result as JSON
  --api, --token  API and admin's bearer token (API_URL, API_TOKEN); on this machine both are found by themselves

Repairs what can be repaired. Exit code 1: differences remain for a person, or it failed.
`;

const options = {
  since: { type: "string" },
  until: { type: "string" },
  quick: { type: "boolean" },
  json: { type: "boolean" },
  api: { type: "string" },
  token: { type: "string" },
  help: { type: "boolean" },
} as const;

const ASK_EVERY_MS = 500;
const LONGEST_MS = 2 * 3_600_000;
const BAR = 30;

/** `reconcile …` on the command line. @returns the exit code */
export function main(args: readonly string[], tty: Terminal = terminal): Promise<number> {
  return run(async () => {
    const { values } = parseArgs({ args: [...args], options });
    if (values.help) {
      tty.out(HELP);
      return 0;
    }
    const now = Date.now();
    const body = { since: instantOf(values.since ?? "26h", now), ...(values.until ? { until: instantOf(values.until, now) } : {}), full: !values.quick };
    const api = await adminApi(values);
    const started = await api.call<ReconciliationView>("POST", "/reconciliations", body);
    const job = await ended(api, started, tty);
    tty.out(values.json ? `${JSON.stringify(job, undefined, 2)}\n` : reportOf(job));
    return job.state === "done" && job.counts.reported === 0 ? 0 : 1;
  }, tty);
}

async function ended(api: AdminApi, started: ReconciliationView, tty: Terminal): Promise<ReconciliationView> {
  const until = Date.now() + LONGEST_MS;
  for (let job = started, told = -1; ; job = await api.call<ReconciliationView>("GET", `/reconciliations/${started.id}`)) {
    const percent = Math.floor(job.progress * 100);
    if (tty.bar) tty.err(`\r${bar(job.progress)} ${String(percent).padStart(3)} %  ${job.counts.compared} compared`);
    else if (percent >= told + 10) tty.err(`${(told = percent)} %  ${job.counts.compared} compared\n`);
    if (job.state !== "running") {
      if (tty.bar) tty.err("\n");
      return job;
    }
    if (Date.now() > until) throw new UserError(`It still runs: look at GET /reconciliations/${job.id} later.`);
    await sleep(ASK_EVERY_MS);
  }
}

function bar(progress: number): string {
  const full = Math.round(progress * BAR);
  return `[${"█".repeat(full)}${"·".repeat(BAR - full)}]`;
}

function reportOf({ id, state, since, until, counts, differences }: ReconciliationView): string {
  const sum = (money: { amount: number; currency: string } | null) => (money ? `${money.amount} ${money.currency}` : "nothing");
  const lines = differences.map(
    ({ code, kind, reference, orderId, provider, ledger, at }) =>
      `  ${code.padEnd(19)}  ${(kind ?? "").padEnd(16)}  ${at}  ${reference}  ${orderId ?? "no order of ours"}  Stripe ${sum(provider)}, books ${sum(ledger)}`,
  );
  const hidden = counts.reported - differences.length;
  return [
    `${id} ${state}: ${since} to ${until}`,
    `  ${counts.compared} compared, ${counts.equal} equal, ${counts.repaired} repaired, ${counts.waiting} on their way, ${counts.fees} fees booked`,
    counts.reported === 0
      ? "  nothing remains"
      : `  ${counts.reported} ${counts.reported === 1 ? "difference remains" : "differences remain"} (amounts in minor units):`,
    ...lines,
    ...(hidden > 0 ? [`  … and ${hidden} more: see the alarms in the log`] : []),
    "",
  ].join("\n");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = await main(process.argv.slice(2));
