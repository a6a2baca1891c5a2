import * as z from "zod";
import { capability } from "../capability.ts";
import { ignoreRefusal } from "../db/transact.ts";
import { isoOf } from "../time.ts";
import { Messages } from "./entity.ts";
import { RANKS, type MessageStatus } from "./rules/status.ts";

const AdvanceMessage = z.strictObject({
  key: z.string().max(200),
  status: z.enum(Object.keys(RANKS) as MessageStatus[]),
  /** The vendor's code. */
  failure: z.string().max(200).optional(),
});

/** Notes how far a message came; older news and unknown messages change nothing. */
export const advance = capability("message.advance", { input: AdvanceMessage, allow: ["system"] }, async ({ key, status, failure }, { now }) => {
  await Messages.patch({ key })
    .set({ status, rank: RANKS[status], updatedAt: isoOf(now), ...(failure ? { failure } : {}) })
    .where(({ rank }, { lt }) => lt(rank, RANKS[status]))
    .go()
    .catch(ignoreRefusal);
});
