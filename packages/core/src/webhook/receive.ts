import * as z from "zod";
import { capability } from "../capability.ts";
import { newEnvelope, pendingShardOf } from "../db/journal.ts";
import { ignoreRefusal } from "../db/transact.ts";
import { DAY_MS, isoOf, secondsOf } from "../time.ts";
import { StripeReceived, WatiReceived } from "./domain-events.ts";
import { Webhooks } from "./entity.ts";

const KEPT_DAYS = 90;

const ReceiveWebhook = z.strictObject({
  vendor: z.enum(["stripe", "wati"]),
  /** The vendor's id of this event: the same event is received once. */
  externalId: z.string().min(1).max(300),
  type: z.string().min(1).max(100),
  /** Ids and states only; never names, phones or texts. */
  facts: z.record(z.string(), z.union([z.string(), z.number(), z.null()])),
});

const RECEIVED = { stripe: StripeReceived, wati: WatiReceived };

/** Records a verified webhook and that it must be processed, in one write. A duplicate changes nothing. */
export const receive = capability("webhook.receive", { input: ReceiveWebhook, allow: ["webhook"] }, async ({ vendor, externalId, type, facts }, { now }) => {
  const id = `${vendor}:${externalId}`;
  const event = newEnvelope({ type: "webhook", id, version: 1 }, RECEIVED[vendor]({ externalId, type, facts }));
  await Webhooks.create({
    vendor,
    externalId,
    type,
    facts,
    receivedAt: isoOf(now),
    events: [event],
    pendingShard: pendingShardOf(id),
    pendingSince: isoOf(now),
    ttl: secondsOf(now + KEPT_DAYS * DAY_MS),
  })
    .go()
    .catch(ignoreRefusal);
});
