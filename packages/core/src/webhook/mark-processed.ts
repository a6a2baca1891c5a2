import * as z from "zod";
import { capability } from "../capability.ts";
import { ignoreRefusal } from "../db/transact.ts";
import { isoOf } from "../time.ts";
import { Webhooks } from "./entity.ts";

const MarkProcessed = z.strictObject({ vendor: z.enum(["stripe", "wati"]), externalId: z.string(), status: z.enum(["processed", "ignored"]) });

/** Notes what became of it, the first time. */
export const markProcessed = capability(
  "webhook.mark_processed",
  { input: MarkProcessed, allow: ["system"] },
  async ({ vendor, externalId, status }, { now }) => {
    await Webhooks.patch({ vendor, externalId })
      .set({ status, processedAt: isoOf(now) })
      .where((row, { eq }) => eq(row.status, "received"))
      .go()
      .catch(ignoreRefusal);
  },
);
