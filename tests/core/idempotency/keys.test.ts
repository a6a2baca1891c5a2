import { afterEach, expect, it } from "vitest";
import { as, anybody, sentBy } from "../golden.ts";
import { setClock } from "../../../packages/core/src/context.ts";
import { once } from "../../../packages/core/src/idempotency/once.ts";

afterEach(() => setClock(undefined));

it("1. a call with a key begins, or finds that it began before", async () => {
  setClock(() => Date.parse("2026-11-02T09:00:00Z"));
  const call = { scope: "POST /orders", key: "k", body: { quantity: 2 }, newResourceId: "ord_1", run: async (id: string) => id, repeat: async () => undefined };
  expect(await sentBy(() => as(anybody, () => once(call)))).toMatchInlineSnapshot(`
    [
      {
        "ConditionExpression": "attribute_not_exists(pk) AND attribute_not_exists(sk)",
        "Item": {
          "__edb_e__": "idempotent-call",
          "__edb_v__": "1",
          "bodyHash": "TyRzYtVWdU1FSfedJULR5iIriVcRPn_2d4vGuDH3IrQ",
          "key": "QfhChF2ejZ7aA6dnvSX7azMlJCQwv5kX9X6JoHxUB7I",
          "lockedUntil": 1793610030,
          "pk": "CALL#QfhChF2ejZ7aA6dnvSX7azMlJCQwv5kX9X6JoHxUB7I",
          "resourceId": "ord_1",
          "sk": "CALL",
          "ttl": 1793696400,
        },
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
      },
    ]
  `);
});
