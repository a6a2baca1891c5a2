import * as z from "zod";
import { capability } from "../capability.ts";
import { context, now, withContext, type Settlement } from "../context.ts";
import { ignoreRefusal } from "../db/transact.ts";
import { nameOf } from "../error.ts";
import { log } from "../log.ts";
import { isoOf } from "../time.ts";
import { Webhooks } from "./entity.ts";
import { keyOfId, type WebhookKey } from "./key.ts";

const SettleWebhook = z.strictObject({ webhookId: z.string(), effect: z.custom<() => Promise<unknown>>() });

/**
 * Runs the effect of a received webhook and notes what became of it: processed in the effect's own first transaction; with one
 * small write more when there was none, because it had happened before; ignored when the effect answers false, for what is
 * none of ours; failed, with the error's code, when it throws. The error is thrown on: the queue delivers again.
 */
export const settle = capability("webhook.settle", { input: SettleWebhook, allow: ["system"] }, async ({ webhookId, effect }): Promise<void> => {
  const key = keyOfId(webhookId);
  if (!key) throw new Error(`${webhookId} is not the id of a webhook`);
  const settlement: Settlement = { operation: () => marking(key, "processed"), settled: false };
  try {
    const outcome = await withContext({ ...context(), settles: settlement }, effect);
    if (!settlement.settled)
      await marking(key, outcome === false ? "ignored" : "processed")
        .go()
        .catch(ignoreRefusal);
  } catch (error) {
    // Whatever keeps the note from being written, the effect's own error is what counts.
    await markFailed(key, error, settlement.settled).catch((reason: unknown) => log.warn("webhook not marked as failed", { webhookId, error: nameOf(reason) }));
    throw error;
  }
});

/** Notes the outcome of an event that is in the inbox. */
function marking(key: WebhookKey, state: "processed" | "ignored") {
  return Webhooks.patch(key)
    .set({ state, settledAt: isoOf(now()) })
    .remove(["error"]);
}

// Another delivery of the same event may have succeeded meanwhile: its word stands, unless the word was ours.
async function markFailed(key: WebhookKey, error: unknown, ours: boolean): Promise<void> {
  await Webhooks.patch(key)
    .set({ state: "failed", error: nameOf(error), settledAt: isoOf(now()) })
    .add({ attempts: 1 })
    .where(({ state }, { ne }) => (ours ? "" : ne(state, "processed")))
    .go()
    .catch(ignoreRefusal);
}
