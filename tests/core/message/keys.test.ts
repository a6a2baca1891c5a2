import { afterEach, beforeEach, expect, it } from "vitest";
import { as, sentBy, system } from "../golden.ts";
import { setClock } from "../../../packages/core/src/context.ts";
import { advance } from "../../../packages/core/src/message/advance.ts";
import { begin } from "../../../packages/core/src/message/begin.ts";
import { postpone } from "../../../packages/core/src/message/postpone.ts";
import { find } from "../../../packages/core/src/message/read.ts";

const key = "order:ord_1:confirmation";

beforeEach(() => setClock(() => Date.parse("2026-11-02T09:00:00Z")));
afterEach(() => setClock(undefined));

it("1. a consumer begins to send it, or finds that it was begun", async () => {
  expect(await sentBy(() => as(system, () => begin({ key, template: "order_confirmed", personId: "per_1" })))).toMatchInlineSnapshot(`
    [
      {
        "ConditionExpression": "attribute_not_exists(pk) AND attribute_not_exists(sk)",
        "Item": {
          "__edb_e__": "message",
          "__edb_v__": "1",
          "channel": "whatsapp",
          "key": "order:ord_1:confirmation",
          "personId": "per_1",
          "pk": "MESSAGE#order:ord_1:confirmation",
          "rank": 0,
          "sendingSince": "2026-11-02T09:00:00.000Z",
          "sk": "MESSAGE",
          "status": "sending",
          "template": "order_confirmed",
          "updatedAt": "2026-11-02T09:00:00.000Z",
        },
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
      },
    ]
  `);
});

it("2. the vendor's webhook tells how far it came", async () => {
  expect(await sentBy(() => as(system, () => advance({ key, status: "delivered" })))).toMatchInlineSnapshot(`
    [
      {
        "ConditionExpression": "attribute_exists(pk) AND attribute_exists(sk) AND rank < 4",
        "Key": {
          "pk": "MESSAGE#order:ord_1:confirmation",
          "sk": "MESSAGE",
        },
        "UpdateExpression": "SET status = "delivered", rank = 4, updatedAt = "2026-11-02T09:00:00.000Z", key = "order:ord_1:confirmation", __edb_e__ = "message", __edb_v__ = "1"",
      },
    ]
  `);
});

it("a message is opened by its key", async () => {
  expect(await sentBy(() => find(key))).toMatchInlineSnapshot(`
    [
      {
        "ConsistentRead": true,
        "Key": {
          "pk": "MESSAGE#order:ord_1:confirmation",
          "sk": "MESSAGE",
        },
      },
    ]
  `);
});

it("3. the vendor surely did not take it: it may be begun again", async () => {
  expect(await sentBy(() => as(system, () => postpone({ key })))).toMatchInlineSnapshot(`
    [
      {
        "ConditionExpression": "status = "sending"",
        "Key": {
          "pk": "MESSAGE#order:ord_1:confirmation",
          "sk": "MESSAGE",
        },
      },
    ]
  `);
});
