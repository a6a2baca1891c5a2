import { capability } from "../capability.ts";
import { newEnvelope, pendingShardOf } from "../db/journal.ts";
import { isMade } from "../db/transact.ts";
import { KEPT } from "../kept.ts";
import { DAY_MS, isoOf, secondsOf } from "../time.ts";
import { StripeReceived, WatiReceived } from "./domain-events.ts";
import { Webhooks } from "./entity.ts";
import { idOf, keyOf } from "./key.ts";
import { ReceiveWebhook } from "./schema.ts";

export const RECEIVED = { stripe: StripeReceived, wati: WatiReceived };

/**
 * Records a verified webhook and that it must be processed, in one write. A duplicate changes nothing.
 * @returns whether it was new
 */
export const receive = capability(
  "webhook.receive",
  { input: ReceiveWebhook, allow: ["webhook", "admin", "key"], needs: "webhooks:write" },
  async ({ vendor, externalId, type, facts, occurredAt }, { now }): Promise<boolean> => {
    const key = keyOf({ vendor, externalId, occurredAt });
    const id = idOf(key);
    const event = newEnvelope({ type: "webhook", id, version: 1 }, RECEIVED[vendor]({ externalId, type, facts }));
    const row = {
      ...key,
      type,
      state: "received" as const,
      ...(occurredAt ? { occurredAt } : {}),
      receivedAt: isoOf(now),
      events: [event],
      pendingShard: pendingShardOf(id),
      pendingSince: isoOf(now),
      ttl: secondsOf(now + KEPT.webhooks.days() * DAY_MS),
    };
    return isMade(Webhooks.create(row).go());
  },
);
