import { describe, expect, it } from "vitest";
import { as, readable, sentBy, system } from "../golden.ts";
import { outboxRowOf } from "../../../packages/core/src/db/outbox.ts";
import { Webhooks } from "../../../packages/core/src/webhook/entity.ts";
import { idOf, keyOf, keyOfId } from "../../../packages/core/src/webhook/key.ts";
import { settle } from "../../../packages/core/src/webhook/settle.ts";
import { inStretch } from "../../../packages/core/src/webhook/walk.ts";

const key = keyOf({ vendor: "stripe", externalId: "evt_1PqV", occurredAt: "2026-11-02T08:59:58.000Z" });
const received = Webhooks.create({
  ...{ ...key, type: "payment_intent.succeeded", state: "received", occurredAt: "2026-11-02T08:59:58.000Z", receivedAt: "2026-11-02T09:00:00.000Z" },
  ...{ events: [], pendingShard: "03", pendingSince: "2026-11-02T09:00:00.000Z", ttl: 1_801_386_000 },
}).params() as { Item: Record<string, unknown> };

it("1. a vendor's request is recorded, or was before", () => {
  expect(readable(received)).toMatchInlineSnapshot(`
    {
      "ConditionExpression": "attribute_not_exists(pk) AND attribute_not_exists(sk)",
      "Item": {
        "__edb_e__": "webhook",
        "__edb_v__": "1",
        "day": "2026-11-02",
        "events": [],
        "externalId": "evt_1PqV",
        "gsi4pk": "PENDING#03",
        "gsi4sk": "2026-11-02T09:00:00.000Z",
        "occurredAt": "2026-11-02T08:59:58.000Z",
        "pendingShard": "03",
        "pendingSince": "2026-11-02T09:00:00.000Z",
        "pk": "WEBHOOK#stripe#2026-11-02#03",
        "receivedAt": "2026-11-02T09:00:00.000Z",
        "shard": "03",
        "sk": "evt_1PqV",
        "state": "received",
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
      "pk": "WEBHOOK#stripe#2026-11-02#03",
      "sk": "evt_1PqV",
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

describe("4. whoever processes it notes what became of it", () => {
  const noted = (effect: () => Promise<unknown>) => sentBy(() => as(system, () => settle({ webhookId: idOf(key), effect }).catch(() => undefined)));

  it("in a write of its own when the effect made no transaction", async () => {
    const [sent] = await noted(async () => true);
    expect({ ...sent, UpdateExpression: String(sent!["UpdateExpression"]).replace(/"\d{4}-[^"]+Z"/, "<now>") }).toMatchInlineSnapshot(`
      {
        "ConditionExpression": "attribute_exists(pk) AND attribute_exists(sk)",
        "Key": {
          "pk": "WEBHOOK#stripe#2026-11-02#03",
          "sk": "evt_1PqV",
        },
        "UpdateExpression": "SET state = "processed", settledAt = <now>, vendor = "stripe", day = "2026-11-02", shard = "03", externalId = "evt_1PqV", __edb_e__ = "webhook", __edb_v__ = "1" REMOVE error",
      }
    `);
  });

  it("as failed, unless another delivery succeeded", async () => {
    const [sent] = await noted(async () => {
      throw new RangeError("anything");
    });
    expect({ ...sent, UpdateExpression: String(sent!["UpdateExpression"]).replace(/"\d{4}-[^"]+Z"/, "<now>") }).toMatchInlineSnapshot(`
      {
        "ConditionExpression": "attribute_exists(pk) AND attribute_exists(sk) AND state <> "processed"",
        "Key": {
          "pk": "WEBHOOK#stripe#2026-11-02#03",
          "sk": "evt_1PqV",
        },
        "UpdateExpression": "SET state = "failed", error = "RangeError", settledAt = <now>, vendor = "stripe", day = "2026-11-02", shard = "03", externalId = "evt_1PqV", __edb_e__ = "webhook", __edb_v__ = "1" ADD attempts 1",
      }
    `);
  });
});

it("5. an admin looks at a day's events, shard by shard, or for one of them", async () => {
  const day = { vendor: "stripe" as const, since: "2026-11-02T00:00:00.000Z", until: "2026-11-02T23:59:59.999Z" };
  const now = Date.parse("2026-11-03T09:00:00Z");
  const sent = await sentBy(() => inStretch(day, now).go({ limit: 25 }));
  expect(sent).toHaveLength(4);
  expect(sent[3]).toMatchInlineSnapshot(`
    {
      "KeyConditionExpression": "pk = "WEBHOOK#stripe#2026-11-02#03"",
      "Limit": 25,
    }
  `);
  expect(await sentBy(() => inStretch({ ...day, externalId: "evt_1PqV" }, now).go({ limit: 25 }))).toMatchInlineSnapshot(`
    [
      {
        "KeyConditionExpression": "pk = "WEBHOOK#stripe#2026-11-02#03" and sk = "evt_1PqV"",
        "Limit": 25,
      },
    ]
  `);
});

it("a webhook's id is its key, whatever the vendor's id looks like", () => {
  expect(idOf(key)).toBe("stripe:2026-11-02:evt_1PqV");
  expect(keyOfId(idOf(key))).toEqual(key);
  const undated = keyOf({ vendor: "wati", externalId: "sentMessageREAD_v2:order-1-confirmation" });
  expect(idOf(undated)).toBe("wati:undated:sentMessageREAD_v2:order-1-confirmation");
  expect(keyOfId(idOf(undated))).toEqual(undated);
  for (const text of ["", "evt_1PqV", "stripe:today:evt_1", "paypal:2026-11-02:1", "stripe:2026-11-02:"]) expect(keyOfId(text)).toBeUndefined();
});
