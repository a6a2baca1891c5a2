import { expect, it } from "vitest";
import { readable, sentBy } from "../golden.ts";
import { countingKeysOf, personIdOf, remembering } from "../../../packages/core/src/person/entity.ts";
import { find, findAll } from "../../../packages/core/src/person/read.ts";

const contact = { name: "Anna Rossi", email: "anna@example.com", phone: "+393331234567" };

it("1. a verb that has an order, a message or a ticket opens the person by id", async () => {
  expect(await sentBy(() => find("per_1"))).toMatchInlineSnapshot(`
    [
      {
        "ConsistentRead": true,
        "Key": {
          "pk": "PERSON#per_1",
          "sk": "PERSON",
        },
      },
    ]
  `);
});

it("1. the owners of an order see who else comes, each person once, in one call", async () => {
  expect(await sentBy(() => findAll(["per_1", "per_2", "per_1"]), [{ Responses: {}, UnprocessedKeys: {} }])).toMatchInlineSnapshot(`
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
    ]
  `);
});

it("a person is found by what they said, and kept as they were when they come again", () => {
  expect(personIdOf(contact)).toMatchInlineSnapshot(`"per_GWEBM3P8A1NBQ1PAPBRPC9CMFB"`);
  expect(readable(remembering("per_1", contact, "2026-11-02T09:00:00.000Z").params())).toMatchInlineSnapshot(`
    {
      "Key": {
        "pk": "PERSON#per_1",
        "sk": "PERSON",
      },
      "UpdateExpression": "SET __edb_e__ = "person", __edb_v__ = "1", personId = "per_1", name = if_not_exists(name, "Anna Rossi"), email = if_not_exists(email, "anna@example.com"), phone = if_not_exists(phone, "+393331234567"), createdAt = if_not_exists(createdAt, "2026-11-02T09:00:00.000Z")",
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
