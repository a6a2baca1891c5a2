import { expect, it } from "vitest";
import { as, sentBy } from "../golden.ts";
import { personIn } from "../../../packages/core/src/actor.ts";
import { list } from "../../../packages/core/src/role/read.ts";
import { replace } from "../../../packages/core/src/role/replace.ts";

const admin = personIn("admin", "usr_1");

it("1. an admin reads all of them", async () => {
  expect(await sentBy(() => as(admin, () => list({})))).toMatchInlineSnapshot(`
    [
      {
        "ConsistentRead": true,
        "KeyConditionExpression": "pk = "ROLES" and begins_with(sk, "ROLE#")",
      },
    ]
  `);
});

it("1. an admin changes one", async () => {
  const [read, write] = await sentBy(() => as(admin, () => replace({ role: "sponsor", permissions: { events: "read" } })));
  const [{ Put }] = (write as { TransactItems: [{ Put: { Item: Record<string, unknown>; ConditionExpression: string } }] }).TransactItems;
  expect([read, Put.ConditionExpression, { pk: Put.Item["pk"], sk: Put.Item["sk"] }]).toMatchInlineSnapshot(`
    [
      {
        "ConsistentRead": true,
        "Key": {
          "pk": "ROLES",
          "sk": "ROLE#sponsor",
        },
      },
      "attribute_not_exists(#pk) AND attribute_not_exists(#sk)",
      {
        "pk": "ROLES",
        "sk": "ROLE#sponsor",
      },
    ]
  `);
});
