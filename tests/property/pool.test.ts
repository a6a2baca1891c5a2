import { randomUUID } from "node:crypto";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { setClock } from "@fashionistas/core/context";
import * as Pool from "@fashionistas/core/pool";
import { ensureTable } from "@fashionistas/local/tables";
import fc from "fast-check";
import { afterEach, beforeAll, describe, expect, inject, it } from "vitest";
import { tune } from "../kit/tune.ts";

/** Random operations on one pool against an oracle that knows who must hold what; time only moves forward. */
type Held = { state: "held" | "paying" | "sold"; claims: Pool.Claim[]; expiresAtS: number; restocked: Set<number> };

/** A refusal may go by a look that is as old as this. */
const HINT_MS = 2_000;

afterEach(() => setClock(undefined));
beforeAll(async () => {
  await ensureTable(new DynamoDBClient({ endpoint: inject("endpoint") }), process.env["TABLE_NAME"]!);
  tune(inject("engineFile"));
});

function newPool(seats: number, groups = 1): Pool.Pool {
  return { poolId: `tt_${randomUUID().replaceAll("-", "").toUpperCase().slice(0, 26)}`, eventId: "evt_01J8Z3K4M5N6P7Q8R9S0T1V2W3", groups, seats };
}

const done = { outcome: "done" };

/** Seats by state, in buckets that are whole. */
async function left({ poolId, groups }: Pool.Pool, nowS = 1_000_000): Promise<Pool.Count> {
  const buckets = await Pool.readPool({ poolId, groups });
  expect(buckets.filter((bucket) => !Pool.isWhole(bucket))).toEqual([]);
  return Pool.countSeats(buckets, nowS);
}

/** Sells seats that one bucket has. */
async function soldTo(pool: Pool.Pool, id: string, quantity: number): Promise<Pool.Claim> {
  const result = await Pool.reserve(pool, { orderId: id, quantity, expiresAtS: 2_000_000, nowS: 1_000_000 });
  const [at] = (result as { claims: Pool.Claim[] }).claims;
  expect(await Pool.confirm(at!, id)).toEqual(done);
  return at!;
}

const orderId = (n: number) => `ord_${String(n).padStart(26, "0")}`;

/** One step of a history. `order` picks among the orders so far. */
const steps = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.record({ do: fc.constant("reserve" as const), quantity: fc.integer({ min: 1, max: 20 }) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("pay" as const), order: fc.nat() }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("confirm" as const), order: fc.nat() }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("release" as const), order: fc.nat() }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("restock" as const), order: fc.nat(), ticket: fc.integer({ min: 1, max: 21 }) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("takeBack" as const), order: fc.nat() }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("extend" as const), order: fc.nat() }) },
    {
      weight: 2,
      arbitrary: fc.record({ do: fc.constant("wait" as const), seconds: fc.oneof(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 700 })) }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("sweep" as const) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("fit" as const), seats: fc.integer({ min: 0, max: 80 }) }) },
  ),
  { minLength: 5, maxLength: 30 },
);

describe("a pool of seats", () => {
  it("keeps every bucket whole and never holds more seats than it has, whatever happens in whatever order", { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 60 }), fc.constantFrom(1, 2, 8), steps, async (seats, groups, history) => {
        const pool = newPool(seats, groups);
        await Pool.fit(pool, seats, 0);
        const orders = new Map<string, Held>();
        let nowS = 1_000_000;
        setClock(() => nowS * 1_000);
        let made = 0;
        const alive = (held: Held, atS = nowS) => held.state !== "held" || held.expiresAtS > atS;
        const seatsOf = ({ claims, restocked }: Held) => claims.reduce((sum, { q }) => sum + q, 0) - restocked.size;
        const taken = (atS = nowS) => [...orders.values()].filter((held) => alive(held, atS)).reduce((sum, held) => sum + seatsOf(held), 0);
        // How many seats were free at each change of the last two seconds.
        let free = [{ atS: nowS, seats: pool.seats }];
        const note = (atS = nowS) => (free = [...free, { atS, seats: pool.seats - taken(atS) }].filter((one) => one.atS >= nowS - HINT_MS / 1_000));
        for (const step of history) {
          note();
          const known = [...orders.keys()];
          const id = "order" in step && known.length > 0 ? known[step.order % known.length]! : undefined;
          const held = id === undefined ? undefined : orders.get(id)!;
          if (step.do === "wait") {
            const before = nowS;
            nowS += step.seconds;
            note(Math.max(before, nowS - HINT_MS / 1_000));
            note();
          }
          if (step.do === "sweep") await Pool.sweep(pool, nowS);
          if (step.do === "fit") {
            const fitted = await Pool.fit(pool, step.seats, nowS);
            expect(fitted).toBeGreaterThanOrEqual(step.seats);
            pool.seats = fitted;
            note();
          }
          if (step.do === "reserve") {
            note();
            const result = await Pool.reserve(pool, { orderId: orderId(++made), quantity: step.quantity, expiresAtS: nowS + 900, nowS });
            if ("claims" in result) orders.set(orderId(made), { state: "held", claims: result.claims, expiresAtS: nowS + 900, restocked: new Set() });
            // A refusal is the truth, or was within the last two seconds: there was no room for the party.
            else expect(Math.min(...free.map(({ seats }) => seats))).toBeLessThan(step.quantity);
          }
          if (!id || !held) continue;
          const all = async (operation: (claim: Pool.Claim) => Promise<{ outcome: string }>) =>
            (await Promise.all(held.claims.map(operation))).every(({ outcome }) => outcome === "done");
          if (step.do === "pay" && alive(held)) {
            expect(await all((claim) => Pool.startPayment(claim, id, nowS))).toBe(true);
            if (held.state === "held") held.state = "paying";
          }
          if (step.do === "confirm" && alive(held)) {
            expect(await all((claim) => Pool.confirm(claim, id))).toBe(true);
            held.state = "sold";
          }
          if (step.do === "release" && alive(held)) {
            expect(await all((claim) => Pool.release(claim, id))).toBe(held.state !== "sold");
            if (held.state !== "sold") orders.delete(id);
          }
          if (step.do === "restock" && alive(held)) {
            const size = held.claims.reduce((sum, { q }) => sum + q, 0);
            const ticket = step.ticket % (size + 1);
            if (ticket > 0) {
              const sold = held.state === "sold";
              expect(await Pool.restock(Pool.claimOfTicket(held.claims, ticket - 1), id, ticket)).toMatchObject({ outcome: sold ? "done" : "refused" });
              if (sold) held.restocked.add(ticket);
            }
          }
          if (step.do === "takeBack" && alive(held) && held.restocked.size === 0) {
            expect(await all((claim) => Pool.takeBack(claim, id))).toBe(true);
            orders.delete(id);
          }
          if (step.do === "extend" && alive(held)) {
            expect(await all((claim) => Pool.extend(claim, id, nowS + 1_800, nowS))).toBe(true);
            if (held.state === "held") held.expiresAtS = Math.max(held.expiresAtS, nowS + 1_800);
          }
          note();
          for (const [key, one] of orders) if (!alive(one)) orders.delete(key);
        }
        const buckets = await Pool.readPool(pool);
        expect(buckets.filter((bucket) => !Pool.isWhole(bucket))).toEqual([]);
        const count = Pool.countSeats(buckets, nowS);
        expect(count.sold + count.held).toBe(taken());
        expect(count.capacity).toBe(pool.seats);
        expect(count.available).toBe(pool.seats - taken());
      }),
      { numRuns: Number(process.env["PROPERTY_RUNS"] ?? 40) },
    );
  });

  it("sells exactly its seats when three times as many buyers race for them with three sweepers at work", async () => {
    const pool = newPool(50);
    await Pool.fit(pool, 50, 0);
    const nowS = 1_000_000;
    // A third of the seats is held by orders whose time is over: they must be sold again, once.
    for (let n = 0; n < 16; n++) await Pool.reserve(pool, { orderId: orderId(1_000 + n), quantity: 1, expiresAtS: nowS - 1, nowS: nowS - 900 });
    const buyers = Array.from({ length: 150 }, (_, n) => Pool.reserve(pool, { orderId: orderId(n), quantity: 1, expiresAtS: nowS + 900, nowS }));
    const sweepers = [1, 2, 3].map(() => Pool.sweep(pool, nowS));
    const results = await Promise.all(buyers);
    await Promise.all(sweepers);
    expect(results.filter((result) => "claims" in result)).toHaveLength(50);
    const buckets = await Pool.readPool(pool);
    expect(buckets.filter((bucket) => !Pool.isWhole(bucket))).toEqual([]);
    expect(Pool.countSeats(buckets, nowS)).toMatchObject({ held: 50, available: 0 });
  });

  it("sells the seat of a refunded ticket again, once per ticket, and never more of an order than it had", async () => {
    const pool = newPool(16);
    await Pool.fit(pool, 16, 0);
    const at = await soldTo(pool, orderId(1), 3);
    expect(await Promise.all([1, 2, 3].map(() => Pool.restock(at, orderId(1), 2)))).toEqual([done, done, done]);
    expect(await left(pool)).toMatchObject({ sold: 2, available: 14 });
    expect(await Pool.restock(at, orderId(1), 2)).toEqual(done);
    for (const n of [1, 3]) expect(await Pool.restock(at, orderId(1), n)).toEqual(done);
    expect(await Pool.restock(at, orderId(1), 4)).toMatchObject({ outcome: "refused" });
    expect(await left(pool)).toMatchObject({ sold: 0, available: 16 });
    await soldTo(pool, orderId(2), 16);
    expect(await left(pool)).toMatchObject({ sold: 16, available: 0 });
  });

  it("never sells a refunded order its seats again: the claim stays, whoever repeats what", async () => {
    const pool = newPool(16);
    await Pool.fit(pool, 16, 0);
    const at = await soldTo(pool, orderId(1), 2);
    for (const n of [1, 2]) await Pool.restock(at, orderId(1), n);
    // Done, because it has them already: nothing is taken.
    expect(await Pool.claim(at, orderId(1), 2_000_000)).toEqual(done);
    expect(await Pool.confirm(at, orderId(1))).toEqual(done);
    expect(await Pool.release(at, orderId(1))).toMatchObject({ outcome: "refused" });
    expect(await Pool.takeBack(at, orderId(1))).toMatchObject({ outcome: "refused" });
    expect(await left(pool)).toMatchObject({ sold: 0, available: 16 });
  });

  it("restocks only what is sold", async () => {
    const pool = newPool(16);
    await Pool.fit(pool, 16, 0);
    const { claims } = (await Pool.reserve(pool, { orderId: orderId(1), quantity: 2, expiresAtS: 2_000_000, nowS: 1_000_000 })) as { claims: Pool.Claim[] };
    expect(await Pool.restock(claims[0]!, orderId(1), 1)).toMatchObject({ outcome: "refused" });
    await Pool.startPayment(claims[0]!, orderId(1), 1_000_000);
    expect(await Pool.restock(claims[0]!, orderId(1), 1)).toMatchObject({ outcome: "refused" });
    expect(await Pool.restock(claims[0]!, orderId(2), 1)).toMatchObject({ outcome: "refused" });
    expect(await left(pool)).toMatchObject({ held: 2, available: 14 });
  });

  it("takes the seats of an order that can never be fulfilled back once, sold or not, and never lets it in again", async () => {
    const pool = newPool(16);
    await Pool.fit(pool, 16, 0);
    const at = await soldTo(pool, orderId(1), 5);
    expect(await Promise.all([1, 2, 3].map(() => Pool.takeBack(at, orderId(1))))).toEqual([done, done, done]);
    expect(await left(pool)).toMatchObject({ sold: 0, held: 0, available: 16 });
    // A worker who believes that the order lives comes too late, here and where it had claimed nothing yet.
    expect(await Pool.takeBack(at, orderId(2))).toEqual(done);
    for (const n of [1, 2]) {
      expect(await Pool.claim(at, orderId(n), 2_000_000)).toMatchObject({ outcome: "refused" });
      expect(await Pool.startPayment(at, orderId(n), 1_000_000)).toMatchObject({ outcome: "refused" });
      expect(await Pool.confirm(at, orderId(n))).toMatchObject({ outcome: "refused" });
      expect(await Pool.extend(at, orderId(n), 2_000_000, 1_000_000)).toMatchObject({ outcome: "refused" });
      expect(await Pool.takeBack(at, orderId(n))).toEqual(done);
    }
    expect(await left(pool)).toMatchObject({ sold: 0, held: 0, available: 16 });
  });

  it("takes back what a worker claims at the same moment", async () => {
    const pool = newPool(16);
    await Pool.fit(pool, 16, 0);
    for (let n = 0; n < 20; n++) {
      const at = { poolId: pool.poolId, group: 0, bucket: 0, q: 3 };
      await Promise.all([Pool.claim(at, orderId(n), 2_000_000).then(() => Pool.confirm(at, orderId(n))), Pool.takeBack(at, orderId(n))]);
      expect(await left(pool)).toMatchObject({ sold: 0, held: 0, available: 16 });
    }
  });

  it("gives a repeated reservation the seats of the first one", async () => {
    const pool = newPool(40);
    await Pool.fit(pool, 40, 0);
    const party = { orderId: orderId(1), quantity: 20, expiresAtS: 2_000_000, nowS: 1_000_000 };
    const results = [await Pool.reserve(pool, party), await Pool.reserve(pool, party)];
    expect(results[1]).toEqual(results[0]);
    expect(Pool.countSeats(await Pool.readPool(pool), 1_000_000)).toMatchObject({ held: 20, available: 20 });
  });

  it("fits sixteen orders into one bucket of at most one kilobyte, so that every operation costs one write unit", async () => {
    const pool = newPool(16);
    await Pool.fit(pool, 16, 0);
    for (let n = 0; n < 16; n++) {
      const { claims } = (await Pool.reserve(pool, {
        orderId: `ord_01J8Z3K4M5N6P7Q8R9S0T1V${String(n).padStart(3, "0")}`,
        quantity: 1,
        expiresAtS: 1_795_450_000,
        nowS: 1_795_449_000,
      })) as { claims: Pool.Claim[] };
      await Pool.confirm(claims[0]!, `ord_01J8Z3K4M5N6P7Q8R9S0T1V${String(n).padStart(3, "0")}`);
    }
    const { data } = await Pool.Buckets.get({ poolId: pool.poolId, group: 0, bucket: 0 }).go({ data: "raw" });
    expect(itemBytes((data as unknown as { Item: Record<string, unknown> }).Item)).toBeLessThanOrEqual(1_024);
  });
});

/** Size of an item as DynamoDB counts it: names and values in UTF-8, numbers about half their digits, maps 3 + 1 an entry. */
function itemBytes(item: Record<string, unknown>): number {
  return Object.entries(item).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + valueBytes(value), 0);
}

function valueBytes(value: unknown): number {
  if (typeof value === "string") return Buffer.byteLength(value);
  if (typeof value === "number") return Math.ceil(String(value).length / 2) + 1;
  if (typeof value === "object" && value !== null)
    return 3 + Object.entries(value).reduce((sum, [name, entry]) => sum + 1 + Buffer.byteLength(name) + valueBytes(entry), 0);
  return 1;
}
