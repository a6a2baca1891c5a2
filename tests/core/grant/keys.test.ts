import { expect, it } from "vitest";
import { readable, sentBy } from "../golden.ts";
import { Grants } from "../../../packages/core/src/grant/entity.ts";
import { find, listByUser } from "../../../packages/core/src/grant/read.ts";
import { giving, taking } from "../../../packages/core/src/grant/write.ts";

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

it("3. one is given or taken: does it stand?", async () => {
  const named = { userId: "usr_1", role: "organizer", scopeType: "event", scopeId: "evt_1" } as const;
  expect(await sentBy(() => find(named, "2026-11-02T09:00:00.000Z"))).toMatchInlineSnapshot(`
    [
      {
        "ConsistentRead": true,
        "Key": {
          "pk": "USER#usr_1",
          "sk": "GRANT#event#evt_1#organizer",
        },
      },
    ]
  `);
  const grant = { ...named, grantedBy: { kind: "admin", id: "usr_2" }, createdAt: "2026-11-02T09:00:00.000Z", expiresAt: "2026-11-03T09:00:00.000Z" };
  expect(readable(giving(grant).write.operation.params())).toMatchInlineSnapshot(`
    {
      "Item": {
        "__edb_e__": "grant",
        "__edb_v__": "1",
        "createdAt": "2026-11-02T09:00:00.000Z",
        "expiresAt": "2026-11-03T09:00:00.000Z",
        "grantedBy": {
          "id": "usr_2",
          "kind": "admin",
        },
        "gsi1pk": "GRANTS#event#evt_1",
        "gsi1sk": "2026-11-02T09:00:00.000Z#usr_1",
        "pk": "USER#usr_1",
        "role": "organizer",
        "scopeId": "evt_1",
        "scopeType": "event",
        "sk": "GRANT#event#evt_1#organizer",
        "ttl": 1793696400,
        "userId": "usr_1",
      },
    }
  `);
  expect(readable(taking(named).operation.params())).toMatchInlineSnapshot(`
    {
      "Key": {
        "pk": "USER#usr_1",
        "sk": "GRANT#event#evt_1#organizer",
      },
    }
  `);
});
