import type { Plan } from "../histories/plan.ts";
import { changesBucket, conditioned, inTransactions, onTable, entityOf, type Sabotage } from "./sabotage.ts";

const CALM: Plan["trouble"] = {
  kind: "calm",
  faults: {
    table: { throttle: 0, conflict: 0, ambiguous: 0 },
    stripe: { ambiguous: 0, broken: 0, twice: 0, lost: 0, lateMs: 500 },
    deliveries: { twice: 0, partial: 0, lateMs: 500 },
    crash: 0,
  },
  skewMs: 0,
  lagMs: { reads: 20, indexes: 100 },
};
const done = Promise.resolve({});

/** The same change twice, as after an answer that was lost, without looking at what there is to give back. */
async function repeated(input: Record<string, any>, next: (input: Record<string, any>) => Promise<Record<string, unknown>>) {
  if (!changesBucket(input, "REMOVE")) return next(input);
  await next(input);
  return next(conditioned(input, "a >= :q OR a < :q"));
}

/** As many as there are: many who want few seats. */
const crowded: Sabotage["plan"] = (plan) => ({
  ...plan,
  buyers: 16,
  people: 4,
  events: plan.events.map((event) => ({
    ...event,
    types: event.types.map((type) => ({ ...type, highDemand: false, document: { ...type.document, highDemand: false, quantityTotal: 5 } })),
  })),
});
const limited: Sabotage["plan"] = (plan) => ({
  ...plan,
  buyers: 16,
  people: 2,
  events: plan.events.map((event) => ({
    ...event,
    types: event.types.map((type) => ({ ...type, document: { ...type.document, maxPerBuyer: 2 } })),
  })),
});
/** Everybody pays what was cancelled, and many an ending stops half done. */
const limitedLate: Sabotage["plan"] = (plan) => {
  const { trouble, ...rest } = limited({ ...plan, late: 1, cancels: false });
  return { ...rest, trouble: { ...trouble, faults: { ...trouble.faults, table: { throttle: 0, conflict: 0.2, ambiguous: 0 } } } };
};
const shared: Sabotage["plan"] = (plan) => ({
  ...plan,
  events: plan.events.map((event) => ({ ...event, document: { ...event.document, capacity: 3 } })),
});
const twice: Sabotage["plan"] = (plan) => ({
  ...plan,
  team: 14,
  simple: 1,
  late: 0,
  trouble: { ...plan.trouble, faults: { ...plan.trouble.faults, deliveries: { twice: 0.9, partial: 0, lateMs: 30_000 } } },
});
/** Everybody pays what was cancelled, undisturbed. */
const late: Sabotage["plan"] = (plan) => ({ ...plan, late: 1, cancels: false, buyers: 14, trouble: CALM });
/** Nobody may start a payment: every order is only held, and runs out. */
const held: Sabotage["plan"] = (plan) => ({ ...plan, paymentStartsPerSecond: 0 });

/** Bugs that sell a seat twice, lose one, or count it wrong. */
export const ofStock: readonly Sabotage[] = [
  {
    bug: "a claim does not look whether there is room",
    caughtAs: /does not add up/,
    plan: crowded,
    put: onTable(({ input }, next) => (changesBucket(input, "m.#order = :claim") ? next(conditioned(input, "attribute_not_exists(m.#order)")) : undefined)),
  },
  {
    bug: "seats are given back once more by whoever repeats it",
    caughtAs: /does not add up/,
    put: onTable(({ input }, next) => (changesBucket(input, "IN (:held, :paying)") ? repeated(input, next) : undefined)),
  },
  {
    bug: "an expired claim's seats are given back once more by whoever repeats it",
    caughtAs: /does not add up/,
    plan: held,
    put: onTable(({ input }, next) => (changesBucket(input, "m.#order.e <= :now") ? repeated(input, next) : undefined)),
  },
  {
    bug: "seats are given back by twice their number",
    caughtAs: /does not add up/,
    put: onTable(({ input }, next) => {
      if (!changesBucket(input, "REMOVE m.#order")) return undefined;
      return next({
        ...input,
        UpdateExpression: "SET a = a + :twice REMOVE m.#order",
        ConditionExpression: `${input["ConditionExpression"]} AND a <> :twice`,
        ExpressionAttributeValues: { ...input["ExpressionAttributeValues"], ":twice": 2 * input["ExpressionAttributeValues"][":q"] },
      });
    }),
  },
  {
    bug: "a payment does not sell its seats",
    caughtAs: /but a seat is not sold/,
    put: onTable(({ input }) => (changesBucket(input, "SET m.#order.s = :sold") ? done : undefined)),
  },
  {
    bug: "the room and what types share are not claimed",
    caughtAs: /but a seat is not sold|tickets for/,
    plan: shared,
    put: onTable(({ input }) => (/^POOL#(evt|cap)_/.test(String(input["Key"]?.pk)) && changesBucket(input, "m.#order") ? done : undefined)),
  },
  {
    bug: "a ticket's seat is put on sale again as often as somebody says so",
    caughtAs: /does not add up/,
    plan: twice,
    put: onTable(({ input }, next) => (changesBucket(input, ":back") ? next(conditioned(input, "m.#order.s = :sold")) : undefined)),
  },
  {
    bug: "revoked tickets' seats never come back",
    caughtAs: /seats on sale again, of/,
    plan: twice,
    put: onTable(({ input }) => (changesBucket(input, ":back") ? done : undefined)),
  },
  {
    bug: "an order that is given up keeps its seats",
    caughtAs: /but holds seats|sold a seat to/,
    plan: (plan) => ({ ...plan, buyers: 18, simple: 0, late: 0 }),
    put: onTable(({ input }) => (changesBucket(input, ":barred") ? done : undefined)),
  },
  {
    bug: "a late payment is given back although there are seats",
    caughtAs: /given up although seats were left/,
    plan: late,
    put: onTable(({ operation, input, simulation }) => {
      const rescues = simulation.current()?.name === "webhook-received-process-stripe" && operation === "Query";
      return rescues && Object.values<unknown>(input["ExpressionAttributeValues"]).some((value) => String(value).startsWith("POOL#"))
        ? Promise.resolve({ Items: [], Count: 0 })
        : undefined;
    }),
  },
  {
    bug: "the limit per person is not looked at",
    caughtAs: /over the limit of/,
    plan: limited,
    put: onTable(({ input }, next) => {
      const counts = String(input["Key"]?.pk).startsWith("LIMIT#") && /ADD/.test(String(input["UpdateExpression"]));
      return counts ? next(conditioned(input, String(input["ConditionExpression"]).replace(/ AND \S+ <= :\w+/, ""))) : undefined;
    }),
  },
  {
    bug: "nobody gives the limit per person back",
    caughtAs: /still counted by the limit/,
    plan: limited,
    put: onTable(({ input }) => (String(input["Key"]?.pk).startsWith("LIMIT#") && /REMOVE/.test(String(input["UpdateExpression"])) ? done : undefined)),
  },
  {
    bug: "an order that is paid while it ends is not counted by the limit per person again",
    caughtAs: /is fulfilled and is not counted by the limit/,
    plan: limitedLate,
    put: onTable(({ input, simulation }) => {
      if (!String(input["Key"]?.pk).startsWith("LIMIT#") || /<=|REMOVE/.test(`${input["ConditionExpression"]} ${input["UpdateExpression"]}`)) return undefined;
      const orderId = /ord_\w+/.exec(JSON.stringify(input))?.[0];
      return simulation.table.storage.get({ pk: `ORDER#${orderId}`, sk: "ORDER" })?.["status"] === "expiring" ? done : undefined;
    }),
  },
  {
    bug: "one ticket too few is issued",
    caughtAs: /tickets of/,
    put: inTransactions((member, all) => {
      const tickets = all.filter((one) => one.Put && entityOf(one) === "ticket");
      return tickets.length > 1 && member === tickets[0] ? undefined : member;
    }),
  },
  {
    bug: "buyers are refused although there are seats",
    caughtAs: /although there were seats/,
    put: onTable(({ input }, next) => (changesBucket(input, "m.#order = :claim") ? next(conditioned(input, "a < :q AND a > :q")) : undefined)),
  },
  {
    bug: "nobody ends the orders that are due",
    caughtAs: /does not come to rest/,
    put: onTable(({ operation, input }) => {
      const asks = operation === "Query" && Object.values<unknown>(input["ExpressionAttributeValues"]).some((value) => String(value).startsWith("DUE#"));
      return asks ? Promise.resolve({ Items: [], Count: 0 }) : undefined;
    }),
  },
];
