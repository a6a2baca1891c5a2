import { afterAll, beforeAll, expect, it } from "vitest";
import { readable, sentBy } from "../golden.ts";
import { setChance } from "../../../packages/core/src/chance.ts";
import { setKeyMaster } from "../../../packages/core/src/data-key/index.ts";
import { countingKeysOf, emailKeyOf, erasing, personIdOf, phoneKeyOf } from "../../../packages/core/src/person/entity.ts";
import { find, findAll, listByKeys } from "../../../packages/core/src/person/read.ts";
import { remembering } from "../../../packages/core/src/person/remember.ts";

const contact = { name: "Anna Rossi", email: "anna@example.com", phone: "+393331234567" };
const master = { make: async () => ({ key: Buffer.alloc(32, 1), sealed: "sealed" }), open: async () => Buffer.alloc(32, 1) };

beforeAll(() => {
  setKeyMaster(master);
  setChance(() => 0.5);
});
afterAll(() => setChance(undefined));

it("1. a verb that has an order, a message or a ticket opens the person by id, with their key", async () => {
  expect(
    await sentBy(
      () => find("per_1"),
      [
        { Responses: {}, UnprocessedKeys: {} },
        { Responses: {}, UnprocessedKeys: {} },
      ],
    ),
  ).toMatchInlineSnapshot(`
    [
      {
        "RequestItems": {
          "golden": {
            "ConsistentRead": true,
            "Keys": [
              {
                "pk": "PERSON#per_1",
                "sk": "PERSON",
              },
            ],
          },
        },
      },
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

it("1. the owners of an order see who else comes, each person once, in two calls", async () => {
  const none = { Responses: {}, UnprocessedKeys: {} };
  expect(await sentBy(() => findAll(["per_1", "per_2", "per_1"]), [none, none])).toMatchInlineSnapshot(`
    [
      {
        "RequestItems": {
          "golden": {
            "ConsistentRead": true,
            "Keys": [
              {
                "pk": "PERSON#per_1",
                "sk": "PERSON",
              },
              {
                "pk": "PERSON#per_2",
                "sk": "PERSON",
              },
            ],
          },
        },
      },
      {
        "RequestItems": {
          "golden-keys": {
            "ConsistentRead": true,
            "Keys": [
              {
                "pk": "KEY#per_1",
                "sk": "KEY",
              },
              {
                "pk": "KEY#per_2",
                "sk": "KEY",
              },
            ],
          },
        },
      },
    ]
  `);
});

it("2. whoever proved that an e-mail address is theirs is found by its keyed hash", async () => {
  expect(await sentBy(() => listByKeys({ emailKey: emailKeyOf(contact.email) }))).toMatchInlineSnapshot(`
    [
      {
        "IndexName": "gsi1",
        "KeyConditionExpression": "gsi1pk = "EMAIL#per_2CSFBTSQZ1A0KK78JYA1YG3YW7" and gsi1sk = "PERSON"",
      },
    ]
  `);
});

it("3. whoever proved that a phone number is theirs is found by its keyed hash", async () => {
  expect(await sentBy(() => listByKeys({ phoneKey: phoneKeyOf(contact.phone) }))).toMatchInlineSnapshot(`
    [
      {
        "IndexName": "gsi2",
        "KeyConditionExpression": "gsi2pk = "PHONE#per_ZBAM3TJZAP6S78RHGNSJ0E3C9H" and gsi2sk = "PERSON"",
      },
    ]
  `);
});

it("a person is found by what they said, and by another id once they were erased", () => {
  expect([personIdOf(contact), personIdOf(contact, 1)]).toMatchInlineSnapshot(`
    [
      "per_GWEBM3P8A1NBQ1PAPBRPC9CMFB",
      "per_3GD2YV1TCZ36DY2XM90CE04DBE",
    ]
  `);
});

it("a person is written with their key, both kept as they were when they come again", async () => {
  const [ring] = [{ Item: { ring: "persons", current: 1, keys: { 1: "sealed" }, __edb_e__: "key-ring", __edb_v__: "1" } }];
  const told = { at: "2026-11-02T09:00:00.000Z", reason: "ord_1" };
  let written: Record<string, unknown>[] = [];
  await sentBy(async () => (written = (await remembering([["per_1", contact]], told)).map(({ operation }) => readable(operation.params()))), [ring]);
  expect(written).toMatchInlineSnapshot(`
    [
      {
        "ConditionExpression": "attribute_not_exists(erasedAt)",
        "Key": {
          "pk": "PERSON#per_1",
          "sk": "PERSON",
        },
        "UpdateExpression": "SET __edb_e__ = "person", __edb_v__ = "2", personId = "per_1", emailKey = "per_2CSFBTSQZ1A0KK78JYA1YG3YW7", phoneKey = "per_ZBAM3TJZAP6S78RHGNSJ0E3C9H", gsi1pk = "EMAIL#per_2CSFBTSQZ1A0KK78JYA1YG3YW7", gsi1sk = "PERSON", gsi2pk = "PHONE#per_ZBAM3TJZAP6S78RHGNSJ0E3C9H", gsi2sk = "PERSON", sealed = if_not_exists(sealed, "gICAgICAgICAgICAY-7DujYcrsN1duIE_63K7A2KkxyUKpXCJ7DQqYihh3oYQLl7NQQjTwbATpcamOLNMqvmKBQaBL5fbIZjbTGv3_aJxqAyZcnAKWqBU6_KvQwFLLlkFg9z_g"), createdAt = if_not_exists(createdAt, "2026-11-02T09:00:00.000Z")",
      },
      {
        "Key": {
          "pk": "KEY#per_1",
          "sk": "KEY",
        },
        "UpdateExpression": "SET __edb_e__ = "data-key", __edb_v__ = "1", subjectId = "per_1", seenAt = "2026-11-02T09:00:00.000Z", wrapped = if_not_exists(wrapped, "gICAgICAgICAgICA5wSxuRhJM2wshGk_TYjhruY9P930-82idT6ox5TJPmpF9pzxX9QloEqwX43xNQbw"), kek = if_not_exists(kek, 1), reason = if_not_exists(reason, "ord_1"), createdAt = if_not_exists(createdAt, "2026-11-02T09:00:00.000Z")",
      },
    ]
  `);
});

it("whoever is erased leaves both indexes and keeps no sealed word", () => {
  expect(readable(erasing("per_1", "era_1", { version: 1, auditHash: "h", updatedAt: "2026-11-02T09:00:00.000Z" }).params())).toMatchInlineSnapshot(`
    {
      "ConditionExpression": "attribute_exists(pk) AND attribute_exists(sk) AND attribute_not_exists(erasedAt)",
      "Key": {
        "pk": "PERSON#per_1",
        "sk": "PERSON",
      },
      "UpdateExpression": "SET erasedAt = "2026-11-02T09:00:00.000Z", erasureId = "era_1", version = 1, auditHash = "h", updatedAt = "2026-11-02T09:00:00.000Z", personId = "per_1", __edb_e__ = "person", __edb_v__ = "2" REMOVE sealed, emailKey, phoneKey, gsi1pk, gsi2pk",
    }
  `);
});

it("purchases are counted by e-mail and by phone", () => {
  expect(countingKeysOf(contact)).toMatchInlineSnapshot(`
    [
      "per_2CSFBTSQZ1A0KK78JYA1YG3YW7",
      "per_ZBAM3TJZAP6S78RHGNSJ0E3C9H",
    ]
  `);
});
