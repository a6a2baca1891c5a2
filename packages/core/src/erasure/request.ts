import * as z from "zod";
import { actorRef, ROLES } from "../actor.ts";
import { capability } from "../capability.ts";
import { defined } from "../defined.ts";
import { created } from "../db/journal.ts";
import { transact, write, type Write } from "../db/transact.ts";
import { isChangedMeanwhile } from "../error.ts";
import { derivedId } from "../id.ts";
import { isoOf } from "../time.ts";
import { ErasureRequested } from "./domain-events.ts";
import { Erasures, type ErasureRow } from "./entity.ts";
import { find } from "./read.ts";
import { ErasureReason } from "./schema.ts";
import { dueIn, STALLED_MINUTES } from "./write.ts";

/** Whose data: a user with what they proved to be theirs, or people without a user. `alongside` is committed with the request. */
const RequestErasure = z.strictObject({
  userId: z.string().optional(),
  personIds: z.array(z.string()).max(100),
  emailKey: z.string().optional(),
  phoneKey: z.string().optional(),
  reason: ErasureReason,
  alongside: z.custom<() => readonly Write[]>().optional(),
});

/**
 * Begins an erasure. Asking again while it runs answers with the one that runs; asking again afterwards begins another, for what
 * was given since.
 */
export const request = capability("erasure.request", { input: RequestErasure, allow: [...ROLES, "schedule", "system"] }, async (input, { actor, now }) => {
  const { alongside, ...whose } = input;
  for (let n = 1; ; n++) {
    const erasureId = derivedId("era", [whose.userId ?? whose.personIds.join(), String(n)]);
    const standing = await find(erasureId);
    if (standing?.phase === "done") continue;
    if (standing) return standing;
    const job = {
      ...{ ...defined(whose), erasureId, askedBy: actorRef(actor), requestedAt: isoOf(now) },
      ...{ phase: "people" as const, step: 1, round: 1, ...dueIn(now, STALLED_MINUTES) },
    };
    try {
      const head = await transact(created("erasure", erasureId), [ErasureRequested({ erasureId, step: 1 })], (head) => [
        write(Erasures.create({ ...job, ...head })),
        ...(alongside?.() ?? []),
      ]);
      return { ...job, ...head } as ErasureRow;
    } catch (error) {
      const meanwhile = isChangedMeanwhile(error) ? await find(erasureId) : undefined;
      if (!meanwhile) throw error;
      return meanwhile;
    }
  }
});
