import { afterEach, expect, it } from "vitest";
import { sentBy } from "../golden.ts";
import { setClock } from "../../../packages/core/src/context.ts";
import { take } from "../../../packages/core/src/rate-limit/take.ts";

afterEach(() => setClock(undefined));

it("1. an entry asks for a permit, and a busy one for several at once", async () => {
  setClock(() => Date.parse("2026-11-02T09:00:00.250Z"));
  expect(await sentBy(() => take("stripe", 40))).toMatchInlineSnapshot(`
    [
      {
        "ConditionExpression": "(attribute_not_exists(taken) OR taken <= 38)",
        "Key": {
          "pk": "RATE#stripe#1793610000",
          "sk": "RATE",
        },
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        "UpdateExpression": "SET __edb_e__ = "rate-window", __edb_v__ = "1", name = "stripe", second = 1793610000, ttl = 1793610060 ADD taken 2",
      },
    ]
  `);
  expect(await sentBy(() => take("stripe", 40)), "the second permit of the batch").toEqual([]);
});
