import { randomUUID } from "node:crypto";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { setClock } from "@fashionistas/core/context";
import { client } from "@fashionistas/core/db/client";
import { newId } from "@fashionistas/core/id";
import * as Pool from "@fashionistas/core/pool";
import { ensureTable } from "@fashionistas/local/tables";
import { afterEach, beforeAll, beforeEach, describe, expect, inject, it } from "vitest";
import { readHint, takeLease, writeHint } from "../../packages/core/src/pool/hint.ts";
import { tune } from "../kit/tune.ts";

/** What a crowd costs that comes after the last seat, and how long it may be told something that was true before. */

const sent: string[] = [];

beforeAll(async () => {
  await ensureTable(new DynamoDBClient({ endpoint: inject("endpoint") }), process.env["TABLE_NAME"]!);
  tune(inject("engineFile"));
  client.middlewareStack.add(
    (next, { commandName = "" }) =>
      (args) => {
        sent.push(commandName.replace("Command", "") + ((args.input as { ConsistentRead?: boolean }).ConsistentRead ? ", consistent" : ""));
        return next(args);
      },
    { step: "initialize", name: "counting" },
  );
});

// Claims are kept in whole seconds and no hold ends in these tests; hints live by the clock's milliseconds.
const nowS = 1_793_610_000;
let nowMs = nowS * 1_000;
beforeEach(() => {
  nowMs = nowS * 1_000;
  setClock(() => nowMs);
});
afterEach(() => setClock(undefined));

const buyer = (quantity = 1): Pool.Party => ({ orderId: newId("ord"), quantity, expiresAtS: nowS + 900, nowS });

async function newPool(seats: number, groups = 1): Promise<Pool.Pool> {
  const pool = { poolId: `tt_${randomUUID().replaceAll("-", "").toUpperCase().slice(0, 26)}`, eventId: "evt_01J8Z3K4M5N6P7Q8R9S0T1V2W3", groups, seats };
  await Pool.fit(pool, seats, nowS);
  return pool;
}

/** Buys parties until one is refused. */
async function sellOut(pool: Pool.Pool, quantity = 1): Promise<{ orderId: string; claims: Pool.Claim[] }[]> {
  const orders = [];
  for (;;) {
    const party = buyer(quantity);
    const result = await Pool.reserve(pool, party);
    if ("shortage" in result) return orders;
    orders.push({ orderId: party.orderId, claims: result.claims });
  }
}

/** The commands sent by `work`, each with how often. */
async function commands(work: () => Promise<unknown>): Promise<Record<string, number>> {
  sent.length = 0;
  await work();
  const counts: Record<string, number> = {};
  for (const name of sent) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

const crowd = (pool: Pool.Pool, size: number, quantity = 1) => Promise.all(Array.from({ length: size }, () => Pool.reserve(pool, buyer(quantity))));

describe("while there is stock", () => {
  it("a reservation is one call", async () => {
    const pool = await newPool(160);
    expect(await commands(() => Pool.reserve(pool, buyer(2)))).toEqual({ UpdateItem: 1 });
  });

  it("seats whose hold is over are taken where they are met: three calls, no search", async () => {
    const pool = await newPool(16);
    await Pool.reserve(pool, { ...buyer(16), expiresAtS: nowS - 1, nowS: nowS - 900 });
    expect(await commands(() => Pool.reserve(pool, buyer(2)))).toEqual({ UpdateItem: 3 });
  });
});

describe("after the last seat", () => {
  it("one buyer looks for all that come within a second, everybody else asks twice and searches nothing", async () => {
    const pool = await newPool(160, 8);
    await sellOut(pool);
    nowMs += 10_000;
    const counts = await commands(async () => {
      for (const result of await crowd(pool, 30)) expect(result).toEqual({ shortage: { available: 0, inHands: 160, nextExpiryS: nowS + 900 } });
    });
    expect(counts["Query, consistent"]).toBe(8);
    expect(counts["Query"]).toBeUndefined();
    expect(await commands(() => crowd(pool, 30))).toEqual({ UpdateItem: 30, "GetItem, consistent": 30 });
  });

  it("in the second second of a hint one buyer looks anew while the others go by it", async () => {
    const pool = await newPool(160, 8);
    await sellOut(pool);
    nowMs += 1_999;
    const counts = await commands(() => crowd(pool, 30));
    expect(counts["Query, consistent"]).toBe(8);
    expect(counts["GetItem, consistent"]).toBe(30);
    expect((await readHint(pool, 0))?.seenAtMs).toBe(nowMs);
  });

  it("seats that come back are sold after two seconds at the latest, to whoever asks", async () => {
    const pool = await newPool(160, 8);
    const [first, second] = await sellOut(pool);
    for (const { orderId, claims } of [first!, second!]) await Pool.release(claims[0]!, orderId);
    nowMs += 2_001;
    expect((await crowd(pool, 10)).filter((result) => "claims" in result)).toHaveLength(2);
    expect((await crowd(pool, 10)).filter((result) => "claims" in result)).toHaveLength(0);
  });

  it("seats that the organizer adds are sold at once, whatever was seen before or is being looked at", async () => {
    const pool = await newPool(32, 2);
    await sellOut(pool);
    const [seen, looked] = [nowMs, await takeLease(pool, 0, await readHint(pool, 0), nowMs)];
    await Pool.fit(pool, 40, nowS);
    await writeHint(pool, 0, looked!, seen, { available: 0, inHands: 32, nextExpiryS: undefined });
    expect((await crowd({ ...pool, seats: 40 }, 12)).filter((result) => "claims" in result)).toHaveLength(8);
  });

  it("a buyer who knocks at the very bucket gets them at once", async () => {
    const pool = await newPool(16);
    const [first] = await sellOut(pool, 16);
    expect(await Pool.reserve(pool, buyer())).toHaveProperty("shortage");
    await Pool.release(first!.claims[0]!, first!.orderId);
    expect(await Pool.reserve(pool, buyer())).toHaveProperty("claims");
  });

  it("says within two seconds that what was held is sold", async () => {
    const pool = await newPool(40);
    const orders = await sellOut(pool, 4);
    for (const { orderId, claims } of orders) await Promise.all(claims.map((at) => Pool.confirm(at, orderId)));
    nowMs += 2_001;
    expect(await Pool.reserve(pool, buyer())).toEqual({ shortage: { available: 0, inHands: 0, nextExpiryS: undefined } });
  });
});

describe("a party that is too large", () => {
  it("says nothing about a smaller one", async () => {
    const pool = await newPool(34);
    await Pool.reserve(pool, buyer(31));
    expect(await Pool.reserve(pool, buyer(4))).toMatchObject({ shortage: { available: 3, inHands: 31 } });
    expect(await Pool.reserve(pool, buyer(3))).toHaveProperty("claims");
    expect(await Pool.reserve(pool, buyer(1))).toMatchObject({ shortage: { available: 0, inHands: 34 } });
  });

  it("among many, leaves every seat to those who fit", async () => {
    const pool = await newPool(64, 2);
    await Pool.reserve(pool, buyer(60));
    const results = await Promise.all(Array.from({ length: 24 }, (_, n) => Pool.reserve(pool, buyer(n % 2 === 0 ? 6 : 1))));
    expect(results.filter((result) => "claims" in result)).toHaveLength(4);
    expect(results.filter((result, n) => n % 2 === 0 && "claims" in result)).toHaveLength(0);
  });
});

describe("the lease", () => {
  it("of a buyer who died keeps nobody longer than it lasts", { timeout: 20_000 }, async () => {
    setClock(undefined);
    const pool = await newPool(32);
    await sellOut(pool, 16);
    const [seen] = [await readHint(pool, 0)];
    // Old enough to be looked at anew; the one who got the lease is never seen again.
    const at = seen!.seenAtMs! + 3_000;
    setClock(() => Date.now() + 3_000);
    expect(await takeLease(pool, 0, seen, at)).toBe(at + 1_000);
    const startedAt = Date.now();
    for (const result of await crowd(pool, 8)) expect(result).toMatchObject({ shortage: { available: 0, inHands: 32 } });
    expect(Date.now() - startedAt).toBeLessThan(4_000);
    expect((await readHint(pool, 0))!.leaseEndsMs).toBe(0);
  });

  it("is nothing that a seat depends on: without one a buyer waits, looks, and takes what is there", { timeout: 20_000 }, async () => {
    const pool = await newPool(32);
    const [first] = await sellOut(pool, 16);
    nowMs += 3_000;
    // The clock stands still, so this lease never ends.
    await takeLease(pool, 0, await readHint(pool, 0), nowMs);
    await Pool.release(first!.claims[0]!, first!.orderId);
    const results = await crowd(pool, 3, 16);
    expect(results.filter((result) => "claims" in result)).toHaveLength(1);
  });

  it("of a clock that is ahead or behind costs a look, and is never waited for", async () => {
    for (const skewMs of [-15_000, 15_000]) {
      const pool = await newPool(32);
      const [first] = await sellOut(pool, 16);
      const lost = nowMs + skewMs;
      const lease = await takeLease(pool, 0, await readHint(pool, 0), lost);
      await writeHint(pool, 0, lease!, lost, { available: 0, inHands: 32, nextExpiryS: undefined });
      await Pool.release(first!.claims[0]!, first!.orderId);
      nowMs += 2_001;
      expect(await Pool.reserve(pool, buyer(16))).toHaveProperty("claims");
    }
  });

  it("that was lost leaves the hint to its new holder", async () => {
    const pool = await newPool(16);
    const mine = await takeLease(pool, 0, undefined, nowMs);
    expect(await takeLease(pool, 0, undefined, nowMs)).toBeUndefined();
    const theirs = await takeLease(pool, 0, await readHint(pool, 0), nowMs + 1_001);
    await writeHint(pool, 0, theirs!, nowMs + 1_001, { available: 7, inHands: 9, nextExpiryS: undefined });
    await writeHint(pool, 0, mine!, nowMs, { available: 0, inHands: 16, nextExpiryS: undefined });
    expect(await readHint(pool, 0)).toMatchObject({ available: 7, seenAtMs: nowMs + 1_001 });
  });
});
