/**
 * The end of a history: nothing goes wrong any more, banks that took their time decide, the clock runs until nothing is due.
 * Then our books are compared with Stripe's, and what was lost on the way is repaired by what the product has for that.
 */
import type { Item } from "../../kit/invariants.ts";
import { newId } from "@fashionistas/core/id";
import * as Reconciliation from "@fashionistas/core/reconciliation";
import { recover } from "@fashionistas/integrations/stripe/recover";
import { admin } from "../../kit/simulation/shop.ts";
import { ENDING, runs } from "./actors/clock.ts";
import { settles } from "./actors/buyer.ts";
import { sinceYesterday } from "./actors/team.ts";
import { doesAs, type History } from "./shop.ts";

const MINUTE_MS = 60_000;
const LONGEST_ROUND_MS = 20 * MINUTE_MS;
const ROUNDS = 60;

/** Lets everything come to rest. @returns what does not */
export async function rest(history: History): Promise<string[]> {
  const { simulation } = history;
  for (let round = 0; round < ROUNDS; round++) {
    await simulation.settle();
    const restless = [...stirring(history), ...(await unsent(history))];
    if (restless.length === 0 && round > 0) return [];
    await simulation.sleep(Math.min(LONGEST_ROUND_MS, Math.max(61_000, Math.min(...restless.map(({ dueMs }) => dueMs), Infinity) - simulation.now())));
    // The first sweep makes stock what its document says, the others give seats back.
    const sweeps = round === 0 || restless.some(({ what }) => what.startsWith("a seat"));
    await Promise.all(ENDING.filter((name) => sweeps || name !== "sweep-pools").map((name) => runs(history, name)));
  }
  return [...stirring(history), ...(await unsent(history))].map(({ what }) => `${what} does not come to rest`);
}

/** Webhooks that Stripe tries again later. */
async function unsent({ simulation }: History): Promise<Restless[]> {
  const waiting = (await simulation.stripe.events()).filter(({ pending_webhooks: pending }) => pending > 0);
  return waiting.map(({ id }) => ({ what: `the webhook of ${id}`, dueMs: simulation.now() }));
}

/** Payments that a bank has not decided, and holders of links who never came back: all of them end now. */
export async function banksDecide({ placed, simulation, ...history }: History): Promise<void> {
  const chance = simulation.chance.of("banks");
  for (const one of placed) await settles({ placed, simulation, ...history }, "somebody", one, chance.is(0.7) ? "succeed" : "decline");
}

type Restless = { what: string; dueMs: number };

const UNFINISHED = ["held", "awaiting_payment", "expiring", "reclaiming"];

function stirring({ simulation }: History): Restless[] {
  const items = simulation.table.storage.all().map(({ item }) => item as unknown as Item);
  const cancelled = new Set(items.filter((item) => item["__edb_e__"] === "event" && item["stage"] === "cancelled").map(({ eventId }) => eventId));
  return items.flatMap((item) => restless(item, cancelled, simulation.now()));
}

function restless(item: Item, cancelled: ReadonlySet<unknown>, nowMs: number): Restless[] {
  const pending = item["gsi4pk"] === undefined ? [] : [{ what: `the outbox row ${item.pk} ${item.sk}`, dueMs: nowMs }];
  switch (item["__edb_e__"]) {
    case "order": {
      const { orderId, status, dueAt, eventId } = item as unknown as { orderId: string; status: string; dueAt?: string; eventId: string };
      const what = `the order ${orderId} (${status})`;
      if (UNFINISHED.includes(status) || dueAt !== undefined) return [{ what, dueMs: Date.parse(dueAt ?? "") || nowMs }];
      // The job of a cancelled event looks for late payers once an hour.
      return status === "fulfilled" && cancelled.has(eventId) ? [{ what, dueMs: nowMs + LONGEST_ROUND_MS }] : [];
    }
    case "refund":
      return item["status"] === "pending" && item["providerRefundId"] === undefined
        ? [{ what: `the refund ${String(item["refundId"])}`, dueMs: nowMs + 5 * MINUTE_MS }]
        : [];
    case "cancellation":
      return item["phase"] === "done" ? pending : [{ what: `the cancellation of ${String(item["eventId"])}`, dueMs: nowMs }];
    case "reconciliation":
      return item["state"] === "running" ? [{ what: `the reconciliation ${String(item["reconciliationId"])}`, dueMs: nowMs }] : pending;
    case "bucket":
      // Of a cancelled event nobody wants them back.
      if (cancelled.has(item["v"])) return [];
      return Object.entries(item["m"] as Record<string, { s: string; e: number }>)
        .filter(([, { s }]) => s === "h")
        .map(([orderId, { e }]) => ({ what: `a seat held by ${orderId}`, dueMs: e * 1_000 }));
    default:
      return pending;
  }
}

/** Compares everything with Stripe, repairs it, and comes to rest again. @returns what could not be repaired, or should not have to be */
export async function reconciled(history: History, { mayRepair }: { mayRepair: boolean }): Promise<string[]> {
  const { simulation } = history;
  const reconciliationId = newId("rec");
  const asked = { reconciliationId, since: sinceYesterday(history), until: new Date(simulation.now() + MINUTE_MS).toISOString(), graceMinutes: 0 };
  await doesAs(history, admin, "reconciles", () => Reconciliation.start(asked));
  const restless = await rest(history);
  const job = await simulation.as(admin, () => Reconciliation.get({ reconciliationId }));
  return [
    ...restless,
    ...(job.state === "done" ? [] : [`the reconciliation is ${job.state}`]),
    ...job.differences.map(({ code, reference, orderId }) => `reconciliation: ${code} ${reference} of ${orderId ?? "no order"}`),
    ...(mayRepair || job.counts.repaired === 0 ? [] : [`reconciliation: ${job.counts.repaired} had to be repaired although every webhook came`]),
  ];
}

/** Receives what Stripe told in vain. */
export async function recovered(history: History): Promise<string[]> {
  let cursor: string | undefined;
  for (let page = 0; page < 20; page++) {
    const { nextCursor } = (await doesAs(history, admin, "recovers webhooks", () =>
      recover({ since: sinceYesterday(history), ...(cursor ? { cursor } : {}) }),
    ))!;
    if (nextCursor === null) return rest(history);
    cursor = nextCursor;
  }
  return ["recovering webhooks does not end"];
}
