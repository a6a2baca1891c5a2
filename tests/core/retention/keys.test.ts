import { expect, it } from "vitest";
import { as, sentBy } from "../golden.ts";
import { setClock } from "../../../packages/core/src/context.ts";
import { review } from "../../../packages/core/src/retention/review.ts";

it("1. a run takes up the walk, and notes how far it came", async () => {
  setClock(() => Date.parse("2026-11-02T09:00:00.000Z"));
  const walk = { Item: { name: "keys", cursor: '{"pk":"KEY#per_1","sk":"KEY"}', updatedAt: "x", __edb_e__: "retention-walk", __edb_v__: "1" } };
  expect(
    await sentBy(() => as({ kind: "schedule", name: "golden" }, () => review({})), [walk, { Items: [], LastEvaluatedKey: { pk: "KEY#per_2", sk: "KEY" } }]),
  ).toMatchInlineSnapshot(`
    [
      {
        "ConsistentRead": true,
        "Key": {
          "pk": "RETENTION#keys",
          "sk": "WALK",
        },
      },
      {
        "ExclusiveStartKey": {
          "pk": "KEY#per_1",
          "sk": "KEY",
        },
        "FilterExpression": "begins_with(pk, "KEY#")",
        "Limit": 100,
        "ProjectionExpression": "subjectId, reason, createdAt, seenAt",
      },
      {
        "Item": {
          "__edb_e__": "retention-walk",
          "__edb_v__": "1",
          "cursor": "{"pk":"KEY#per_2","sk":"KEY"}",
          "name": "keys",
          "pk": "RETENTION#keys",
          "sk": "WALK",
          "updatedAt": "2026-11-02T09:00:00.000Z",
        },
      },
      {
        "ExclusiveStartKey": {
          "pk": "KEY#per_2",
          "sk": "KEY",
        },
        "FilterExpression": "begins_with(pk, "KEY#")",
        "Limit": 100,
        "ProjectionExpression": "subjectId, reason, createdAt, seenAt",
      },
      {
        "Item": {
          "__edb_e__": "retention-walk",
          "__edb_v__": "1",
          "name": "keys",
          "pk": "RETENTION#keys",
          "sk": "WALK",
          "updatedAt": "2026-11-02T09:00:00.000Z",
        },
      },
    ]
  `);
  setClock(undefined);
});
