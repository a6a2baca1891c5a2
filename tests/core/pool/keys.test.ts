import { describe, expect, it } from "vitest";
import { sentBy } from "../golden.ts";
import { claim } from "../../../packages/core/src/pool/claim.ts";
import { confirm } from "../../../packages/core/src/pool/confirm.ts";
import { drop } from "../../../packages/core/src/pool/drop.ts";
import { expire } from "../../../packages/core/src/pool/expire.ts";
import { extend } from "../../../packages/core/src/pool/extend.ts";
import { fit } from "../../../packages/core/src/pool/fit.ts";
import { readHint, takeLease, writeHint } from "../../../packages/core/src/pool/hint.ts";
import { readPool, readWindow } from "../../../packages/core/src/pool/read.ts";
import { release } from "../../../packages/core/src/pool/release.ts";
import { restock } from "../../../packages/core/src/pool/restock.ts";
import { startPayment } from "../../../packages/core/src/pool/start-payment.ts";
import { takeBack } from "../../../packages/core/src/pool/take-back.ts";

const pool = { poolId: "tt_1", eventId: "evt_1", groups: 1, seats: 20 };
const at = { poolId: "tt_1", group: 0, bucket: 3, q: 2 };
const nowS = 1_793_610_000;
const laterS = nowS + 900;

/** A bucket as the table keeps it. */
function bucket(b: number, c: number, a = c) {
  return { pk: "POOL#tt_1#G0", sk: `B#00000${b}`, p: "tt_1", g: 0, b, v: "evt_1", c, a, r: 0, m: {}, __edb_e__: "bucket", __edb_v__: "1" };
}

describe("1. a buyer looks for seats", () => {
  it("in a group of buckets, from a place that their hash decides", async () => {
    expect(await sentBy(() => readWindow({ ...pool, seats: 200_000 }, 0, 12_345))).toMatchInlineSnapshot(`
      [
        {
          "KeyConditionExpression": "pk = "POOL#tt_1#G0" and sk >= "B#012345"",
          "Limit": 32,
        },
      ]
    `);
  });

  it("in the whole pool when there is no other way", async () => {
    expect(await sentBy(() => readPool(pool))).toMatchInlineSnapshot(`
      [
        {
          "ConsistentRead": true,
          "KeyConditionExpression": "pk = "POOL#tt_1#G0" and begins_with(sk, "B#")",
        },
      ]
    `);
  });
});

it("2. a buyer takes seats from one bucket", async () => {
  expect(await sentBy(() => claim(at, "ord_1", laterS))).toMatchInlineSnapshot(`
    [
      {
        "ConditionExpression": "a >= 2 AND attribute_not_exists(m.ord_1)",
        "Key": {
          "pk": "POOL#tt_1#G0",
          "sk": "B#000003",
        },
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        "UpdateExpression": "SET a = a - 2, m.ord_1 = {"q":2,"s":"h","e":1793610900}",
      },
    ]
  `);
});

it("3. an order that starts paying locks its claim", async () => {
  expect(await sentBy(() => startPayment(at, "ord_1", nowS))).toMatchInlineSnapshot(`
    [
      {
        "ConditionExpression": "m.ord_1.s = "h" AND m.ord_1.e > 1793610000",
        "Key": {
          "pk": "POOL#tt_1#G0",
          "sk": "B#000003",
        },
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        "UpdateExpression": "SET m.ord_1.s = "p"",
      },
    ]
  `);
});

it("4. an order that is paid keeps its seats", async () => {
  expect(await sentBy(() => confirm(at, "ord_1"))).toMatchInlineSnapshot(`
    [
      {
        "ConditionExpression": "m.ord_1.s IN ("h", "p")",
        "Key": {
          "pk": "POOL#tt_1#G0",
          "sk": "B#000003",
        },
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        "UpdateExpression": "SET m.ord_1.s = "s"",
      },
    ]
  `);
});

it("5. a buyer asks for more time", async () => {
  expect(await sentBy(() => extend(at, "ord_1", laterS, nowS))).toMatchInlineSnapshot(`
    [
      {
        "ConditionExpression": "m.ord_1.s = "h" AND m.ord_1.e > 1793610000 AND m.ord_1.e < 1793610900",
        "Key": {
          "pk": "POOL#tt_1#G0",
          "sk": "B#000003",
        },
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        "UpdateExpression": "SET m.ord_1.e = 1793610900",
      },
    ]
  `);
});

it("6. anybody who meets an expired held claim gives its seats back", async () => {
  expect(await sentBy(() => expire(at, "ord_1", nowS))).toMatchInlineSnapshot(`
    [
      {
        "ConditionExpression": "m.ord_1.q = 2 AND m.ord_1.s = "h" AND m.ord_1.e <= 1793610000",
        "Key": {
          "pk": "POOL#tt_1#G0",
          "sk": "B#000003",
        },
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        "UpdateExpression": "SET a = a + 2 REMOVE m.ord_1",
      },
    ]
  `);
});

it("7. an order that ended gives its seats back", async () => {
  expect(await sentBy(() => release(at, "ord_1"))).toMatchInlineSnapshot(`
    [
      {
        "ConditionExpression": "m.ord_1.q = 2 AND m.ord_1.s IN ("h", "p")",
        "Key": {
          "pk": "POOL#tt_1#G0",
          "sk": "B#000003",
        },
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        "UpdateExpression": "SET a = a + 2 REMOVE m.ord_1",
      },
    ]
  `);
});

describe("8. the organizer", () => {
  it("offers more seats: new buckets behind the last one, and what was seen before is forgotten", async () => {
    const [, ...sent] = await sentBy(() => fit(pool, 20, 0), [{ Items: [bucket(0, 16)] }, {}, {}, { Items: [bucket(0, 16), bucket(1, 4)] }]);
    expect(sent.slice(0, -1)).toMatchInlineSnapshot(`
      [
        {
          "ConditionExpression": "attribute_not_exists(pk) AND attribute_not_exists(sk)",
          "Item": {
            "__edb_e__": "bucket",
            "__edb_v__": "1",
            "a": 4,
            "b": 1,
            "c": 4,
            "g": 0,
            "m": {},
            "p": "tt_1",
            "pk": "POOL#tt_1#G0",
            "r": 0,
            "sk": "B#000001",
            "v": "evt_1",
          },
        },
        {
          "Key": {
            "pk": "POOL#tt_1#H0",
            "sk": "HINT",
          },
        },
      ]
    `);
  });

  it("offers fewer seats: only available ones go", async () => {
    const [, , ...sent] = await sentBy(
      () => fit(pool, 13, 0),
      [{ Items: [bucket(0, 16, 5)] }, { Items: [bucket(0, 16, 5)] }, {}, { Items: [bucket(0, 13, 2)] }],
    );
    expect(sent.slice(0, -1)).toMatchInlineSnapshot(`
      [
        {
          "ConditionExpression": "a >= 3 AND c = 16",
          "Key": {
            "pk": "POOL#tt_1#G0",
            "sk": "B#000000",
          },
          "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
          "UpdateExpression": "SET c = c - 3, a = a - 3",
        },
      ]
    `);
  });

  it("takes the pool away", async () => {
    const [, ...sent] = await sentBy(() => drop(pool), [{ Items: [bucket(0, 16)] }, { UnprocessedItems: {} }]);
    expect(sent).toMatchInlineSnapshot(`
      [
        {
          "RequestItems": {
            "golden": [
              {
                "DeleteRequest": {
                  "Key": {
                    "pk": "POOL#tt_1#G0",
                    "sk": "B#000000",
                  },
                },
              },
            ],
          },
        },
      ]
    `);
  });
});

it("9. a refunded ticket's seat is sold again", async () => {
  expect(await sentBy(() => restock(at, "ord_1", 7))).toMatchInlineSnapshot(`
    [
      {
        "ConditionExpression": "m.ord_1.s = "s" AND m.ord_1.q = 2 AND attribute_not_exists(m.ord_1.r7) AND size(m.ord_1) < 5",
        "Key": {
          "pk": "POOL#tt_1#G0",
          "sk": "B#000003",
        },
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        "UpdateExpression": "SET a = a + 1, m.ord_1.r7 = true",
      },
    ]
  `);
});

it("10. an order that can never be fulfilled gives everything back", async () => {
  expect(await sentBy(() => takeBack(at, "ord_1"))).toMatchInlineSnapshot(`
    [
      {
        "ConditionExpression": "m.ord_1.q = 2 AND m.ord_1.s IN ("h", "p", "s") AND size(m.ord_1) = 3",
        "Key": {
          "pk": "POOL#tt_1#G0",
          "sk": "B#000003",
        },
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        "UpdateExpression": "SET a = a + 2, m.ord_1 = {"q":0,"s":"x","e":0}",
      },
    ]
  `);
});

describe("11. a buyer who finds no seats", () => {
  const known = { poolId: "tt_1", hint: 0, leaseEndsMs: 0, seenAtMs: 1_793_610_000_000, available: 0, inHands: 20, nextExpiryS: laterS };

  it("asks what the last look at them all saw", async () => {
    expect(await sentBy(() => readHint({ ...pool, groups: 32 }, 7))).toMatchInlineSnapshot(`
      [
        {
          "ConsistentRead": true,
          "Key": {
            "pk": "POOL#tt_1#H1",
            "sk": "HINT",
          },
        },
      ]
    `);
  });

  it("looks under a lease, the first of those who know the same", async () => {
    const sent = await sentBy(async () => {
      await takeLease(pool, 7, undefined, 1_793_610_000_000);
      await takeLease(pool, 7, known, 1_793_610_003_000);
    });
    expect(sent).toMatchInlineSnapshot(`
      [
        {
          "ConditionExpression": "attribute_not_exists(leaseEndsMs) AND attribute_not_exists(seenAtMs)",
          "Key": {
            "pk": "POOL#tt_1#H0",
            "sk": "HINT",
          },
          "UpdateExpression": "SET __edb_e__ = "pool-hint", __edb_v__ = "1", poolId = "tt_1", hint = 0, leaseEndsMs = 1793610001000",
        },
        {
          "ConditionExpression": "leaseEndsMs = 0 AND seenAtMs = 1793610000000",
          "Key": {
            "pk": "POOL#tt_1#H0",
            "sk": "HINT",
          },
          "UpdateExpression": "SET __edb_e__ = "pool-hint", __edb_v__ = "1", poolId = "tt_1", hint = 0, leaseEndsMs = 1793610004000",
        },
      ]
    `);
  });

  it("tells the others", async () => {
    const found = { available: 3, inHands: 17, nextExpiryS: laterS };
    expect(await sentBy(() => writeHint(pool, 7, 1_793_610_004_000, 1_793_610_003_010, found))).toMatchInlineSnapshot(`
      [
        {
          "ConditionExpression": "attribute_exists(pk) AND attribute_exists(sk) AND leaseEndsMs = 1793610004000",
          "Key": {
            "pk": "POOL#tt_1#H0",
            "sk": "HINT",
          },
          "UpdateExpression": "SET seenAtMs = 1793610003010, available = 3, inHands = 17, nextExpiryS = 1793610900, leaseEndsMs = 0, poolId = "tt_1", hint = 0, __edb_e__ = "pool-hint", __edb_v__ = "1"",
        },
      ]
    `);
  });
});
