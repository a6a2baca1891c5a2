import { expect, it } from "vitest";
import { sentBy } from "../golden.ts";
import { Grants } from "../../../packages/core/src/grant/entity.ts";
import { listByUser } from "../../../packages/core/src/grant/read.ts";

it("1. whoever signs in gets their grants", async () => {
  expect(await sentBy(() => listByUser("usr_1", "2026-11-02T09:00:00.000Z"))).toMatchInlineSnapshot(`
    [
      {
        "ConsistentRead": true,
        "KeyConditionExpression": "pk = "USER#usr_1" and begins_with(sk, "GRANT#")",
      },
    ]
  `);
});

it("2. who manages a thing lists who else may", () => {
  expect(Grants.query.byThing({ scopeType: "event", scopeId: "evt_1" }).params()).toMatchInlineSnapshot(`
    {
      "ExpressionAttributeNames": {
        "#pk": "gsi1pk",
      },
      "ExpressionAttributeValues": {
        ":pk": "GRANTS#event#evt_1",
      },
      "IndexName": "gsi1",
      "KeyConditionExpression": "#pk = :pk",
      "TableName": "golden",
    }
  `);
});
