import { afterAll, beforeAll, expect, it } from "vitest";
import { readable, sentBy } from "../golden.ts";
import { setChance } from "../../../packages/core/src/chance.ts";
import { setClock } from "../../../packages/core/src/context.ts";
import { forgetting, keysOf, making, pageOfKeys, setKeyMaster, turn } from "../../../packages/core/src/data-key/index.ts";

const told = { at: "2026-11-02T09:00:00.000Z", reason: "ord_1" };
const ring = { Item: { ring: "persons", current: 1, keys: { 1: "sealed" }, __edb_e__: "key-ring", __edb_v__: "1" } };

beforeAll(() => {
  setKeyMaster({ make: async () => ({ key: Buffer.alloc(32, 1), sealed: "sealed" }), open: async () => Buffer.alloc(32, 1) });
  setChance(() => 0.5);
  setClock(() => Date.parse(told.at));
});
afterAll(() => {
  setChance(undefined);
  setClock(undefined);
});

it("1. whoever opens something of a subject reads its key", async () => {
  expect(await sentBy(() => keysOf(["per_1", "per_1"]), [{ Responses: {}, UnprocessedKeys: {} }])).toMatchInlineSnapshot(`
    [
      {
        "RequestItems": {
          "golden-keys": {
            "ConsistentRead": true,
            "Keys": [
              {
                "pk": "KEY#per_1",
                "sk": "KEY",
              },
            ],
          },
        },
      },
    ]
  `);
});

it("1. whoever forgets a subject deletes its key", () => {
  expect(readable(forgetting("per_1").params())).toMatchInlineSnapshot(`
    {
      "Key": {
        "pk": "KEY#per_1",
        "sk": "KEY",
      },
    }
  `);
});

it("2. a process makes the ring when there is none, and reads it once", async () => {
  let operation!: { params(): Record<string, unknown> };
  expect(await sentBy(async () => ({ operation } = await making("per_1", told)))).toMatchInlineSnapshot(`
    [
      {
        "ConsistentRead": true,
        "Key": {
          "pk": "RING#persons",
          "sk": "RING",
        },
      },
      {
        "ConditionExpression": "attribute_not_exists(pk) AND attribute_not_exists(sk)",
        "Item": {
          "__edb_e__": "key-ring",
          "__edb_v__": "1",
          "createdAt": "2026-11-02T09:00:00.000Z",
          "current": 1,
          "keys": {
            "1": "sealed",
          },
          "pk": "RING#persons",
          "ring": "persons",
          "sk": "RING",
        },
      },
    ]
  `);
  expect(readable(operation.params())).toMatchInlineSnapshot(`
    {
      "Key": {
        "pk": "KEY#per_1",
        "sk": "KEY",
      },
      "UpdateExpression": "SET __edb_e__ = "data-key", __edb_v__ = "1", subjectId = "per_1", seenAt = "2026-11-02T09:00:00.000Z", wrapped = if_not_exists(wrapped, "gICAgICAgICAgICA5wSxuRhJM2wshGk_TYjhruY9P930-82idT6ox5TJPmpF9pzxX9QloEqwX43xNQbw"), kek = if_not_exists(kek, 1), reason = if_not_exists(reason, "ord_1"), createdAt = if_not_exists(createdAt, "2026-11-02T09:00:00.000Z")",
    }
  `);
  expect(await sentBy(() => making("per_2", told))).toEqual([]);
});

it("2. a new version of the ring's key is added on condition that nobody else did", async () => {
  expect(await sentBy(turn, [ring])).toMatchInlineSnapshot(`
    [
      {
        "ConsistentRead": true,
        "Key": {
          "pk": "RING#persons",
          "sk": "RING",
        },
      },
      {
        "ConditionExpression": "attribute_exists(pk) AND attribute_exists(sk) AND current = 1",
        "Key": {
          "pk": "RING#persons",
          "sk": "RING",
        },
        "UpdateExpression": "SET current = 2, keys = {"1":"sealed","2":"sealed"}, ring = "persons", __edb_e__ = "key-ring", __edb_v__ = "1"",
      },
    ]
  `);
});

it("3. retention walks through all keys, a page at a time", async () => {
  expect(await sentBy(() => pageOfKeys(100, undefined))).toMatchInlineSnapshot(`
    [
      {
        "FilterExpression": "begins_with(pk, "KEY#")",
        "Limit": 100,
        "ProjectionExpression": "subjectId, reason, createdAt, seenAt",
      },
    ]
  `);
});
