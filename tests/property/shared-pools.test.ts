import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { newId } from "@fashionistas/core/id";
import * as Pool from "@fashionistas/core/pool";
import { ensureTable } from "@fashionistas/local/tables";
import fc from "fast-check";
import { beforeAll, describe, expect, inject, it } from "vitest";
import { claimSeats as claimNeeds } from "../../packages/core/src/order/claim-seats.ts";
import { giveBackEverything } from "../../packages/core/src/order/seats.ts";
import { tune } from "../kit/tune.ts";

/** Orders that claim from several pools at once: the stock of their type, the balcony that two types share, the room. */

beforeAll(async () => {
  await ensureTable(new DynamoDBClient({ endpoint: inject("endpoint") }), process.env["TABLE_NAME"]!);
  tune(inject("engineFile"));
});

const EVENT = "evt_01J8Z3K4M5N6P7Q8R9S0T1V2W3";
const TYPES = ["a", "b", "c"] as const;
type Hall = Record<(typeof TYPES)[number] | "balcony" | "room", Pool.Pool>;

async function hall(seats: Record<keyof Hall, number>, groups: number, nowS: number): Promise<Hall> {
  const made = Object.entries(seats).map(async ([name, count]) => {
    const pool = { poolId: newId(name === "room" ? "evt" : name === "balcony" ? "cap" : "tt"), eventId: EVENT, groups, seats: count };
    await Pool.fit(pool, count, nowS);
    return [name, pool] as const;
  });
  return Object.fromEntries(await Promise.all(made)) as Hall;
}

/** As a purchase does: sorted by id. */
const claimSeats = (pools: readonly Pool.Pool[], { quantity, ...hold }: Pool.Party) =>
  claimNeeds(
    pools.map((pool) => ({ pool, quantity, lines: [] })),
    hold,
  );

function poolsOf(pools: Hall, type: (typeof TYPES)[number]): Pool.Pool[] {
  const wanted = type === "c" ? [pools.c, pools.room] : [pools[type], pools.balcony, pools.room];
  return wanted.sort((one, other) => (one.poolId < other.poolId ? -1 : 1));
}

const party = (quantity: number, nowS: number): Pool.Party => ({ orderId: newId("ord"), quantity, expiresAtS: nowS + 900, nowS });

/** Seats held in each pool, all buckets whole. */
async function held(pools: Hall, nowS: number): Promise<Record<keyof Hall, number>> {
  const counts = Object.entries(pools).map(async ([name, pool]) => {
    const buckets = await Pool.readPool(pool);
    expect(buckets.filter((bucket) => !Pool.isWhole(bucket))).toEqual([]);
    return [name, Pool.countSeats(buckets, nowS).held] as const;
  });
  return Object.fromEntries(await Promise.all(counts)) as Record<keyof Hall, number>;
}

const orders = fc.array(fc.record({ type: fc.constantFrom(...TYPES), quantity: fc.integer({ min: 1, max: 20 }), cancels: fc.boolean() }), {
  minLength: 4,
  maxLength: 20,
});
const seats = fc.record({
  a: fc.integer({ min: 1, max: 40 }),
  b: fc.integer({ min: 1, max: 40 }),
  c: fc.integer({ min: 1, max: 40 }),
  balcony: fc.integer({ min: 1, max: 50 }),
  room: fc.integer({ min: 1, max: 90 }),
});

describe("orders over several pools", () => {
  it("hold the same seats in every pool they share, or none in any, whoever is refused where", { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(seats, fc.constantFrom(1, 4), orders, async (sizes, groups, wanted) => {
        const nowS = 1_793_610_000;
        const pools = await hall(sizes, groups, nowS);
        const outcomes = await Promise.all(
          wanted.map(async ({ type, quantity, cancels }) => {
            const one = party(quantity, nowS);
            const claims = await claimSeats(poolsOf(pools, type), one).catch((error: { code?: string }) => {
              expect(["ticket_type.sold_out", "ticket_type.all_held", "ticket_type.not_enough_left"]).toContain(error.code);
              return undefined;
            });
            if (claims && cancels) await giveBackEverything({ orderId: one.orderId, amount: 4_500, claims, limits: [] });
            return { type, seats: claims && !cancels ? quantity : 0 };
          }),
        );
        const of = (...types: string[]) => outcomes.filter(({ type }) => types.includes(type)).reduce((sum, one) => sum + one.seats, 0);
        const expected = { a: of("a"), b: of("b"), c: of("c"), balcony: of("a", "b"), room: of("a", "b", "c") };
        expect(await held(pools, nowS)).toEqual(expected);
        for (const name of Object.keys(sizes) as (keyof Hall)[]) expect(expected[name]).toBeLessThanOrEqual(sizes[name]);
      }),
      { numRuns: Number(process.env["PROPERTY_RUNS"] ?? 25) },
    );
  });

  it("whose second pool has no room give the first one's seats back at once", async () => {
    const nowS = 1_793_610_000;
    const pools = await hall({ a: 40, b: 40, c: 40, balcony: 5, room: 60 }, 1, nowS);
    await claimSeats(poolsOf(pools, "a"), party(5, nowS));
    for (let n = 0; n < 3; n++) await expect(claimSeats(poolsOf(pools, "b"), party(2, nowS))).rejects.toMatchObject({ code: "ticket_type.all_held" });
    expect(await held(pools, nowS)).toEqual({ a: 5, b: 0, c: 0, balcony: 5, room: 5 });
  });

  it("sell a balcony exactly when three times as many want it and three sweepers are at work", async () => {
    const nowS = 1_793_610_000;
    const pools = await hall({ a: 60, b: 60, c: 10, balcony: 40, room: 200 }, 1, nowS);
    // Half of it is in the hands of people who are gone.
    for (let n = 0; n < 20; n++) await claimSeats(poolsOf(pools, "a"), { ...party(1, nowS - 1_000), expiresAtS: nowS - 1 });
    const sweepers = [1, 2, 3].map(() => Promise.all(Object.values(pools).map((pool) => Pool.sweep(pool, nowS))));
    const results = await Promise.allSettled(Array.from({ length: 120 }, (_, n) => claimSeats(poolsOf(pools, n % 2 === 0 ? "a" : "b"), party(1, nowS))));
    await Promise.all(sweepers);
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(40);
    expect(await held(pools, nowS)).toMatchObject({ balcony: 40, room: 40 });
  });
});
