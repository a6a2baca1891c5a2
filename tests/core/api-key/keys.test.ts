import { expect, it } from "vitest";
import { as, sentBy } from "../golden.ts";
import { personIn } from "../../../packages/core/src/actor.ts";
import { ApiKeys } from "../../../packages/core/src/api-key/entity.ts";
import { find, list, noteUse } from "../../../packages/core/src/api-key/read.ts";

const row = {
  ...{ apiKeyId: "key_1", ownerId: "usr_1", name: "Box office", permissions: { orders: "read" }, seed: "s", generation: 1, digest: "d" },
  ...{ validUntil: "2027-11-02T09:00:00.000Z", createdAt: "2026-11-02T09:00:00.000Z", updatedAt: "2026-11-02T09:00:00.000Z" },
  ...{ version: 1, auditHash: "h", ttl: 1 },
};

it("1. a call that brings a key opens it by its public part", async () => {
  expect(await sentBy(() => find("key_1"))).toMatchInlineSnapshot(`
    [
      {
        "ConsistentRead": true,
        "Key": {
          "pk": "API_KEY#key_1",
          "sk": "API_KEY",
        },
      },
    ]
  `);
});

it("1. that it is used is noted on it alone", async () => {
  expect(await sentBy(() => noteUse(row, Date.parse("2026-11-02T10:00:00Z")))).toMatchInlineSnapshot(`
    [
      {
        "ConditionExpression": "attribute_exists(pk) AND attribute_exists(sk)",
        "Key": {
          "pk": "API_KEY#key_1",
          "sk": "API_KEY",
        },
        "UpdateExpression": "SET lastUsedAt = "2026-11-02T10:00:00.000Z", apiKeyId = "key_1", __edb_e__ = "api-key", __edb_v__ = "1"",
      },
    ]
  `);
  expect(await sentBy(() => noteUse({ ...row, lastUsedAt: "2026-11-02T09:45:01.000Z" }, Date.parse("2026-11-02T10:00:00Z")))).toEqual([]);
});

it("2. somebody lists their keys", async () => {
  expect(await sentBy(() => as(personIn("organizer", "usr_1"), () => list({})))).toMatchInlineSnapshot(`
    [
      {
        "IndexName": "gsi1",
        "KeyConditionExpression": "gsi1pk = "API_KEYS#usr_1"",
        "Limit": 25,
      },
    ]
  `);
  const { Item } = ApiKeys.create(row).params() as { Item: Record<string, unknown> };
  expect(Object.fromEntries(Object.entries(Item).filter(([name]) => /^(gsi\d)?[ps]k$/.test(name)))).toMatchInlineSnapshot(`
    {
      "gsi1pk": "API_KEYS#usr_1",
      "gsi1sk": "2026-11-02T09:00:00.000Z#key_1",
      "pk": "API_KEY#key_1",
      "sk": "API_KEY",
    }
  `);
});
