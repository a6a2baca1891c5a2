import { afterAll, expect } from "vitest";
import type { ReconciliationView } from "@fashionistas/core/reconciliation/schema";
import { present } from "./clock.ts";
import type { World } from "./world.ts";

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

/** Runs a full reconciliation of everything that happened in the world, to its end, and answers with it. */
export async function reconcile(world: World, job: Record<string, unknown> = {}): Promise<ReconciliationView> {
  const token = await world.tokenOf("admin");
  const since = new Date(Date.now() - 2 * DAY_MS).toISOString();
  const until = new Date(Date.now() + 5 * MINUTE_MS).toISOString();
  const started = await world.request<ReconciliationView>("POST", "/reconciliations", { token, body: { since, until, graceMinutes: 0, ...job } });
  if (started.status !== 202) throw new Error(JSON.stringify(started.body));
  await world.settle();
  return (await world.request<ReconciliationView>("GET", `/reconciliations/${started.body.id}`, { token })).body;
}

/**
 * What remains different between our books and Stripe's, one sentence each: `expect(await differences(world)).toEqual([])` at
 * the end of a story. It settles first, so that nothing is repaired which would have come by itself.
 */
export async function differences(world: World): Promise<string[]> {
  await world.settle();
  const { state, counts, differences: found } = await reconcile(world);
  return [
    ...(state === "done" ? [] : [`the reconciliation is ${state}`]),
    ...(counts.repaired > 0 ? [`${counts.repaired} had to be repaired`] : []),
    ...found.map((one) => `${one.code}: ${one.kind ?? "money"} ${one.reference} of ${one.orderId ?? "no order"} ${sums(one)}`),
  ];
}

function sums({ provider, ledger }: ReconciliationView["differences"][number]): string {
  return `Stripe ${provider ? `${provider.amount} ${provider.currency}` : "nothing"}, books ${ledger ? `${ledger.amount} ${ledger.currency}` : "nothing"}`;
}

/** At the end of a file of stories, whatever they did: the real reconciliation finds no difference, but for money of nobody's that they made on purpose. */
export function closeBooks(world: () => World, { foreign = 0 }: { foreign?: number } = {}): void {
  afterAll(async () => {
    present();
    const found = await differences(world());
    const unknown = found.filter((one) => one.startsWith("unknown_payment"));
    expect(found.filter((one) => !unknown.includes(one))).toEqual([]);
    expect(unknown).toHaveLength(foreign);
  });
}
