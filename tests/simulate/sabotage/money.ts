import type { Item } from "../../kit/invariants.ts";
import { conditioned, entityOf, inTransactions, onBus, onStripe, onTable, type Sabotage } from "./sabotage.ts";

const done = Promise.resolve({});
const disputed: Sabotage["plan"] = (plan) => ({ ...plan, bank: 8, buyers: 12, simple: 1, late: 0 });
const refunded: Sabotage["plan"] = (plan) => ({ ...plan, team: 14, buyers: 12, simple: 1, late: 0, cancels: false });
const cancelled: Sabotage["plan"] = (plan) => ({ ...plan, cancels: true, simple: 1, late: 0 });
const deaf: Sabotage["plan"] = (plan) => ({
  ...plan,
  trouble: { ...plan.trouble, kind: "rough", faults: { ...plan.trouble.faults, stripe: { ...plan.trouble.faults.stripe, lost: 0.5 } } },
});
const lossy: Sabotage["plan"] = (plan) => ({
  ...plan,
  trouble: {
    ...plan.trouble,
    kind: "rough",
    faults: {
      ...plan.trouble.faults,
      stripe: { ...plan.trouble.faults.stripe, ambiguous: 0.3 },
      deliveries: { twice: 0.5, partial: 0.5, lateMs: 5_000 },
      crash: 0.01,
    },
  },
});

const kindOf = (item: Item | undefined) => (item?.["__edb_e__"] === "ledger-row" ? item["kind"] : undefined);

/** Bugs that lose money, move it twice, or do not tell of what they do. */
export const ofMoney: readonly Sabotage[] = [
  {
    bug: "a payment is not booked",
    caughtAs: /^charge \S+ \d+ is not booked/,
    put: inTransactions((member) => (kindOf(member.Put?.["Item"]) === "charge" ? undefined : member)),
  },
  {
    bug: "a refund is booked twice",
    caughtAs: /booked but never happened/,
    plan: refunded,
    put: inTransactions((member) => {
      const row = member.Put?.["Item"] as Item | undefined;
      if (kindOf(row) !== "refund") return member;
      return [member, { ...member, Put: { ...member.Put, Item: { ...row, sk: `${row!.sk}-again`, reference: `${String(row!["reference"])}-again` } } }];
    }),
  },
  {
    bug: "a refund is made under a new key at each try",
    caughtAs: /refund \S+ \d+ is not booked|reconciliation: /,
    plan: (plan) => lossy(refunded(plan)),
    put: onStripe((call, ask, simulation) =>
      call.method === "POST" && call.path === "/v1/refunds"
        ? ask({ ...call, headers: { ...call.headers, "idempotency-key": `volatile-${simulation.now()}` } })
        : undefined,
    ),
  },
  {
    bug: "a payment is started under a new key at each try",
    caughtAs: /can still be paid although/,
    plan: lossy,
    put: onStripe((call, ask, simulation) =>
      call.method === "POST" && call.path === "/v1/payment_intents"
        ? ask({ ...call, headers: { ...call.headers, "idempotency-key": `volatile-${simulation.now()}` } })
        : undefined,
    ),
  },
  {
    bug: "a payment is believed to be cancelled without being cancelled",
    caughtAs: /can still be paid although/,
    put: onStripe((call, ask) => {
      const id = /^\/v1\/payment_intents\/(pi_\w+)\/cancel$/.exec(call.path)?.[1];
      if (!id) return undefined;
      const reading = ask({ ...call, method: "GET", path: `/v1/payment_intents/${id}`, body: "" });
      return reading.then((reply) => ({ ...reply, body: JSON.stringify({ ...(JSON.parse(reply.body ?? "{}") as object), status: "canceled" }) }));
    }),
  },
  {
    bug: "nobody compares what was paid with what was asked for",
    caughtAs: /is not booked|booked but never happened/,
    plan: (plan) => ({ ...plan, buyers: 18, simple: 0, late: 0 }),
    put: onStripe((call, ask, { table }) => {
      if (call.method !== "GET" || !call.path.startsWith("/v1/payment_intents/pi_")) return undefined;
      return ask(call).then((reply) => {
        const intent = JSON.parse(reply.body ?? "{}") as { status: string; metadata?: Record<string, string> };
        const order = table.storage.get({ pk: `ORDER#${intent.metadata?.["order_id"]}`, sk: "ORDER" });
        return order && intent.status === "succeeded" ? { ...reply, body: JSON.stringify({ ...intent, amount_received: order["amount"] }) } : reply;
      });
    }),
  },
  {
    bug: "nobody looks whether somebody changed the order meanwhile",
    caughtAs: /journal of|domain events say|gives \d+ back of|was told \d times/,
    plan: (plan) => ({ ...lossy(refunded(plan)), team: 24 }),
    put: inTransactions((member) => {
      if (member.Put && entityOf(member) === "journal-entry")
        return { ...member, Put: conditioned(member.Put, "attribute_exists(pk) OR attribute_not_exists(pk)") };
      if (!member.Update || entityOf(member) !== "order") return member;
      return { ...member, Update: conditioned(member.Update, String(member.Update["ConditionExpression"]).replace(/ AND \S+ = :version\w*/, "")) };
    }),
  },
  {
    bug: "a verb keeps no journal",
    caughtAs: /journal of .* is missing at the end/,
    put: inTransactions((member) => (member.Put && entityOf(member) === "journal-entry" && member.Put["Item"].seq > 1 ? undefined : member)),
  },
  {
    bug: "what happened is not put out to be published",
    caughtAs: /never reached the bus/,
    put: inTransactions((member) => {
      if (!member.Put || entityOf(member) !== "journal-entry") return member;
      const { gsi4pk: _, gsi4sk: __, ...kept } = member.Put["Item"] as Item;
      return { ...member, Put: { ...member.Put, Item: kept } };
    }),
  },
  {
    bug: "what the bus refused is believed to be published",
    caughtAs: /never reached the bus/,
    plan: lossy,
    put: onBus((answers) => answers.map((answer) => ({ EventId: "believed", ...answer }))),
  },
  {
    bug: "a webhook is acknowledged and not kept",
    caughtAs: /acknowledged and is not in the inbox/,
    put: onTable(({ operation, input }) => (operation === "Put" && input["Item"]?.["__edb_e__"] === "webhook" ? done : undefined)),
  },
  {
    bug: "a call with an idempotency key is done as often as it is made",
    caughtAs: /one key made several orders/,
    plan: (plan) => ({ ...plan, buyers: 20 }),
    put: onTable(({ operation, input }, next) =>
      operation === "Put" && String(input["Item"]?.pk).startsWith("CALL#")
        ? next(conditioned(input, "attribute_exists(pk) OR attribute_not_exists(pk)"))
        : undefined,
    ),
  },
  {
    bug: "a dispute suspends and revokes no ticket",
    caughtAs: /although its order's disputes are/,
    plan: disputed,
    put: inTransactions((member, all) => {
      const isOfDispute = all.some((one) => entityOf(one) === "dispute");
      return isOfDispute && member.Update && entityOf(member) === "ticket" ? undefined : member;
    }),
  },
  {
    bug: "tickets whose money went back stay valid",
    caughtAs: /of its tickets are not revoked/,
    plan: refunded,
    put: inTransactions((member, all) => {
      const isOfRefund = all.some((one) => one.Put && entityOf(one) === "refund");
      return isOfRefund && member.Update && entityOf(member) === "ticket" ? undefined : member;
    }),
  },
  {
    bug: "a cancelled event forgets those who have tickets",
    caughtAs: /although its event is cancelled|\(fulfilled\) does not come to rest/,
    plan: cancelled,
    put: onTable(({ operation, input }) => {
      const asks = operation === "Query" && Object.values<unknown>(input["ExpressionAttributeValues"]).some((value) => String(value).startsWith("SALES#"));
      return asks ? Promise.resolve({ Items: [], Count: 0 }) : undefined;
    }),
  },
  {
    bug: "a reconciliation does not read what moved at Stripe",
    caughtAs: /after the reconciliation: (charge|refund|dispute)/,
    plan: deaf,
    put: onStripe((call, ask) =>
      call.path === "/v1/balance_transactions"
        ? ask(call).then((reply) => ({ ...reply, body: JSON.stringify({ object: "list", data: [], has_more: false, url: call.path }) }))
        : undefined,
    ),
  },
];
