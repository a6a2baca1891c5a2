import { expect, it } from "vitest";
import { readable } from "../golden.ts";
import { outboxRowOf } from "../../../packages/core/src/db/outbox.ts";
import { Webhooks } from "../../../packages/core/src/webhook/entity.ts";

const received = Webhooks.create({
  ...{
    vendor: "stripe",
    externalId: "evt_1PqV",
    type: "payment_intent.succeeded",
    facts: { intentId: "pi_1" },
    receivedAt: "2026-11-02T09:00:00.000Z",
  },
  ...{ events: [], pendingShard: "03", pendingSince: "2026-11-02T09:00:00.000Z", ttl: 1_801_386_000 },
}).params() as { Item: Record<string, unknown> };

it("1. a vendor's request is recorded, or was before", () => {
  expect(readable(received)).toMatchInlineSnapshot(`
    {
      "ConditionExpression": "attribute_not_exists(pk) AND attribute_not_exists(sk)",
      "Item": {
        "__edb_e__": "webhook",
        "__edb_v__": "1",
        "events": [],
        "externalId": "evt_1PqV",
        "facts": {
          "intentId": "pi_1",
        },
        "gsi4pk": "PENDING#03",
        "gsi4sk": "2026-11-02T09:00:00.000Z",
        "pendingShard": "03",
        "pendingSince": "2026-11-02T09:00:00.000Z",
        "pk": "WEBHOOK#stripe#evt_1PqV",
        "receivedAt": "2026-11-02T09:00:00.000Z",
        "sk": "WEBHOOK",
        "ttl": 1801386000,
        "type": "payment_intent.succeeded",
        "vendor": "stripe",
      },
    }
  `);
});

it("2. the relay knows a received webhook by its pending key", () => {
  expect(outboxRowOf(received.Item)).toMatchInlineSnapshot(`
    {
      "events": [],
      "pk": "WEBHOOK#stripe#evt_1PqV",
      "sk": "WEBHOOK",
    }
  `);
});

it("3. the sweeper asks what has been pending for a minute", () => {
  expect(readable(Webhooks.query.byPending({ pendingShard: "03" }).lt({ pendingSince: "2026-11-02T09:01:00.000Z" }).params())).toMatchInlineSnapshot(`
    {
      "IndexName": "gsi4",
      "KeyConditionExpression": "gsi4pk = "PENDING#03" and gsi4sk < "2026-11-02T09:01:00.000Z"",
    }
  `);
});
