import { capability } from "@fashionistas/core/capability";
import { inputInvalid } from "@fashionistas/core/error";
import { inTurns } from "@fashionistas/core/in-turns";
import { log } from "@fashionistas/core/log";
import { msOf, SECOND_MS } from "@fashionistas/core/time";
import * as Webhook from "@fashionistas/core/webhook";
import { RecoverWebhooks, type Recovered } from "@fashionistas/core/webhook/schema";
import { asking, isMissing, stripe } from "./client.ts";
import { factOf, SUBSCRIBED_EVENTS } from "./webhook.ts";

const EVENTS_PER_CALL = 100;
const AT_ONCE = 10;

/**
 * Receives what Stripe has to tell and our inbox never saw, because our endpoint was not there: Stripe lists its events for
 * 30 days. One page per call, newest first; `nextCursor` goes on. What was received before stays as it is.
 * @throws payment.unavailable, input.invalid for a cursor that is not Stripe's
 */
export const recover = capability(
  "webhook.recover",
  { input: RecoverWebhooks, allow: ["admin", "key"], needs: "webhooks:write" },
  async ({ since, cursor }): Promise<Recovered> => {
    const page = await asking(() =>
      stripe().events.list({
        created: { gte: Math.floor(msOf(since) / SECOND_MS) },
        types: [...SUBSCRIBED_EVENTS],
        limit: EVENTS_PER_CALL,
        ...(cursor ? { starting_after: cursor } : {}),
      }),
    ).catch((error: unknown) => {
      if (cursor && isMissing(error))
        throw inputInvalid("Check cursor: take nextCursor of the page before.", { fields: [{ path: "cursor", message: "Not a cursor of this list." }] });
      throw error;
    });
    const outcomes = await inTurns(page.data, AT_ONCE, (event) => Webhook.receive({ vendor: "stripe", ...factOf(event) }));
    const received = outcomes.filter(Boolean).length;
    log.info("webhooks recovered", { listed: page.data.length, received });
    return { listed: page.data.length, received, nextCursor: page.has_more ? (page.data.at(-1)?.id ?? null) : null };
  },
);
