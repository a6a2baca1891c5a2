import * as z from "zod";
import { capability } from "../capability.ts";
import { messageDoubtSeconds } from "../config.ts";
import { refusedItem } from "../db/transact.ts";
import { isoOf } from "../time.ts";
import { Messages, type MessageRow } from "./entity.ts";
import { afterInterruption, RANKS } from "./rules/status.ts";

const BeginMessage = z.strictObject({ key: z.string(), template: z.string(), personId: z.string() });

/**
 * Asks whether the caller should send this message now. `wait`: an earlier try was interrupted and its outcome is not known
 * yet; ask again later.
 */
export const begin = capability(
  "message.begin",
  { input: BeginMessage, allow: ["system"] },
  async ({ key, template, personId }, { now }): Promise<"send" | "wait" | "done"> => {
    const at = isoOf(now);
    const fresh = { key, template, personId, channel: "whatsapp" as const, status: "sending" as const, rank: RANKS.sending, sendingSince: at, updatedAt: at };
    const standing = await Messages.create(fresh)
      .go({ params: { ReturnValuesOnConditionCheckFailure: "ALL_OLD" } })
      .then(
        () => undefined,
        (error: unknown) => {
          const refused = refusedItem(error);
          if (!refused?.standing) throw error;
          return refused.standing as MessageRow;
        },
      );
    if (!standing) return "send";
    const next = afterInterruption(standing, now, messageDoubtSeconds());
    if (next !== "send") return next;
    return Messages.patch({ key })
      .set({ sendingSince: at, updatedAt: at })
      .where(({ status, sendingSince }, { eq }) => `${eq(status, "sending")} AND ${eq(sendingSince, standing.sendingSince)}`)
      .go()
      .then(
        () => "send" as const,
        (error: unknown) => {
          if (refusedItem(error)) return "wait" as const;
          throw error;
        },
      );
  },
);
