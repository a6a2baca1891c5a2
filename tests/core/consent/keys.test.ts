import { expect, it } from "vitest";
import { as, sentBy, system } from "../golden.ts";
import { setClock } from "../../../packages/core/src/context.ts";
import { history, isGranted } from "../../../packages/core/src/consent/read.ts";
import { record } from "../../../packages/core/src/consent/record.ts";

const at = "2026-11-02T09:00:00.000Z";

it("1. a consumer asks whether it may write to somebody", async () => {
  expect(await sentBy(() => isGranted("whatsapp", "per_1"))).toMatchInlineSnapshot(`
    [
      {
        "ConsistentRead": true,
        "KeyConditionExpression": "pk = "CONSENT#whatsapp#per_1"",
        "Limit": 1,
        "ScanIndexForward": false,
      },
    ]
  `);
});

it("2. an order, a user or a message to us says yes or no, once however often told", async () => {
  setClock(() => Date.parse(at));
  const said = { channel: "whatsapp", channelKey: "per_1", state: "granted", source: "order:ord_1", at } as const;
  expect(await sentBy(() => as(system, () => record(said)))).toMatchInlineSnapshot(`
    [
      {
        "ConditionExpression": "attribute_not_exists(pk) AND attribute_not_exists(sk)",
        "Item": {
          "__edb_e__": "consent",
          "__edb_v__": "1",
          "at": "2026-11-02T09:00:00.000Z",
          "by": {
            "id": "golden",
            "kind": "system",
          },
          "channel": "whatsapp",
          "channelKey": "per_1",
          "pk": "CONSENT#whatsapp#per_1",
          "recordedAt": "2026-11-02T09:00:00.000Z",
          "sk": "2026-11-02T09:00:00.000Z#order:ord_1",
          "source": "order:ord_1",
          "state": "granted",
        },
      },
    ]
  `);
  setClock(undefined);
});

it("3. a user sees what they said", async () => {
  expect(await sentBy(() => history("email", "per_2"))).toMatchInlineSnapshot(`
    [
      {
        "ConsistentRead": true,
        "KeyConditionExpression": "pk = "CONSENT#email#per_2"",
        "ScanIndexForward": false,
      },
    ]
  `);
});
