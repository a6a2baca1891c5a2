import { afterEach, expect, it } from "vitest";
import { anybody, sentBy } from "../golden.ts";
import { setClock } from "../../../packages/core/src/context.ts";
import { count } from "../../../packages/core/src/rate-limit/count.ts";
import { take } from "../../../packages/core/src/rate-limit/take.ts";

afterEach(() => setClock(undefined));

it("1. an entry asks for a permit, and a busy one for several at once", async () => {
  setClock(() => Date.parse("2026-11-02T09:00:00.250Z"));
  expect(await sentBy(() => take("stripe", { limit: 40, seconds: 1, batch: 2 }), [{ Attributes: { taken: 2 } }])).toMatchInlineSnapshot(`
    [
      {
        "ConditionExpression": "(attribute_not_exists(taken) OR taken <= 38)",
        "Key": {
          "pk": "RATE#stripe#1793610000",
          "sk": "RATE",
        },
        "ReturnValues": "ALL_NEW",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        "UpdateExpression": "SET __edb_e__ = "rate-window", __edb_v__ = "1", name = "stripe", second = 1793610000, ttl = 1793610061 ADD taken 2",
      },
    ]
  `);
  expect(await sentBy(() => take("stripe", { limit: 40, seconds: 1, batch: 2 })), "the second permit of the batch").toEqual([]);
  process.env["RATE_LIMITS"] = "";
  setClock(() => Date.parse("2026-11-02T09:00:42.250Z"));
  expect(await sentBy(() => count("purchase", anybody, "203.0.113.9"), [{ Attributes: { taken: 1 } }]), "a call of an address, which is not told")
    .toMatchInlineSnapshot(`
    [
      {
        "ConditionExpression": "(attribute_not_exists(taken) OR taken <= 29)",
        "Key": {
          "pk": "RATE#purchase:address:x7hjMRIWPpmrLt2YJSY6y7#1793610000",
          "sk": "RATE",
        },
        "ReturnValues": "ALL_NEW",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        "UpdateExpression": "SET __edb_e__ = "rate-window", __edb_v__ = "1", name = "purchase:address:x7hjMRIWPpmrLt2YJSY6y7", second = 1793610000, ttl = 1793610120 ADD taken 1",
      },
    ]
  `);
});
