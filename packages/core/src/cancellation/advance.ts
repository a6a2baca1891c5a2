import * as z from "zod";
import { capability } from "../capability.ts";
import { transact, write } from "../db/transact.ts";
import { EventIdSchema } from "../id.ts";
import { DAY_MS, isoOf, msOf } from "../time.ts";
import { CancellationContinued, CancellationFinished } from "./domain-events.ts";
import { NONE, type Counts } from "./entity.ts";
import { find } from "./read.ts";
import { Phase } from "./schema.ts";
import { changeOf, dueIn, RECHECK_MINUTES, SETTLING_MINUTES, STALLED_MINUTES, subjectOf, WATCHED_DAYS } from "./write.ts";

const Advance = z.strictObject({
  eventId: EventIdSchema,
  /** The slice that is finished: whoever finished it before has moved the job on. */
  step: z.int(),
  phase: Phase,
  cursor: z.string().optional(),
  counts: z.custom<Partial<Counts>>(),
});

/** Notes that a slice is finished and lets the next one begin. Finishing a slice twice changes nothing. */
export const advance = capability("cancellation.advance", { input: Advance, allow: ["system", "schedule"] }, async (input, { now }): Promise<void> => {
  const { eventId, step, phase, cursor } = input;
  const job = await find(eventId);
  if (!job || job.step !== step) return;
  const counts = { ...job.counts, ...input.counts };
  const waits = phase === "settling" || phase === "done";
  const events = phase === "done" ? [CancellationFinished({ eventId, step })] : waits ? [] : [CancellationContinued({ eventId, step: step + 1 })];
  const minutes = phase === "done" ? RECHECK_MINUTES : waits ? SETTLING_MINUTES : STALLED_MINUTES;
  const watched = phase !== "done" || now < msOf(job.startedAt) + WATCHED_DAYS * DAY_MS;
  const after = { phase, step: step + 1, counts, ...(cursor === undefined ? {} : { cursor }), ...(phase === "done" ? { finishedAt: isoOf(now) } : {}) };
  const gone = [...(cursor === undefined ? (["cursor"] as const) : []), ...(watched ? [] : (["list", "dueAt"] as const))];
  await transact(subjectOf(job), events, (head) => [write(changeOf(job, head, { ...after, ...(watched ? dueIn(now, minutes) : {}) }, gone))]);
});

/** Lets a job that is done look through all orders again: somebody may have paid late. */
export const recheck = capability(
  "cancellation.recheck",
  { input: z.strictObject({ eventId: EventIdSchema, step: z.int() }), allow: ["schedule", "system"] },
  async ({ eventId, step }, { now }): Promise<void> => {
    const job = await find(eventId);
    if (!job || job.step !== step || job.phase !== "done") return;
    const after = { phase: "ending" as const, step: step + 1, counts: { ...NONE, ended: job.counts.ended }, ...dueIn(now, STALLED_MINUTES) };
    await transact(subjectOf(job), [CancellationContinued({ eventId, step: step + 1 })], (head) => [write(changeOf(job, head, after, ["cursor"]))]);
  },
);
