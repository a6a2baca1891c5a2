/** The world around the payments: cardholders' banks, and people who sit at Stripe's dashboard. */
import { arrives, does, type History } from "../shop.ts";
import type { Chance } from "../../../kit/simulation/index.ts";

const MINUTE_MS = 60_000;

export async function bank(history: History, n: number): Promise<void> {
  const chance = history.simulation.chance.of(`bank-${n}`);
  await arrives(history, chance);
  await history.simulation.sleep(chance.exponential(5 * MINUTE_MS));
  const intentId = paidIntent(history, chance);
  if (intentId) await chance.pick([dispute, dispute, refundAtDashboard, redeliver])(history, chance, intentId);
}

function paidIntent({ placed }: History, chance: Chance): string | undefined {
  const paid = placed.flatMap(({ paid: isPaid, intentId }) => (isPaid && intentId ? [intentId] : []));
  return paid.length > 0 ? chance.pick(paid) : undefined;
}

/** A chargeback or a question; the question may become a chargeback, and there may be a verdict. */
async function dispute(history: History, chance: Chance, intentId: string): Promise<void> {
  const { simulation } = history;
  const kind = chance.pick(["chargeback", "chargeback", "inquiry"] as const);
  const opened = await does(history, `the bank opens a ${kind}`, () => simulation.stripe.dispute(intentId, { kind }));
  if (!opened) return;
  await simulation.sleep(chance.exponential(10 * MINUTE_MS));
  const escalates = kind === "inquiry" && chance.is(0.5);
  if (escalates) await does(history, "the bank escalates", () => simulation.stripe.escalate(opened.id));
  await simulation.sleep(chance.exponential(10 * MINUTE_MS));
  const verdict = kind === "inquiry" && !escalates ? "warning_closed" : chance.pick(["won", "lost", "lost", undefined] as const);
  if (verdict) await does(history, `the bank decides: ${verdict}`, () => simulation.stripe.closeDispute(opened.id, verdict));
}

async function refundAtDashboard(history: History, chance: Chance, intentId: string): Promise<void> {
  const amount = chance.is(0.5) ? chance.pick([100, 500]) : undefined;
  await does(history, "somebody refunds at Stripe's dashboard", () => history.simulation.stripe.refund(intentId, amount));
}

/** Stripe tells some of what it told before, in no order. */
async function redeliver(history: History, chance: Chance): Promise<void> {
  const events = await history.simulation.stripe.events();
  for (const { id } of chance.shuffled(events).slice(0, 3)) await does(history, "Stripe tells again", () => history.simulation.stripe.redeliver(id));
}
