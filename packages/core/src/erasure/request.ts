import * as z from "zod";
import { actorRef, ROLES, userIdOf, type Actor } from "../actor.ts";
import { capability } from "../capability.ts";
import * as DataKey from "../data-key/index.ts";
import { defined } from "../defined.ts";
import { created } from "../db/journal.ts";
import { transact, write } from "../db/transact.ts";
import { isChangedMeanwhile } from "../error.ts";
import { derivedId, type ErasureId } from "../id.ts";
import { isoOf, secondsOf } from "../time.ts";
import * as User from "../user/index.ts";
import { ErasureRequested } from "./domain-events.ts";
import { Erasures, type ErasureRow } from "./entity.ts";
import { find } from "./read.ts";
import { RequestErasure } from "./schema.ts";
import { dueIn, STALLED_MINUTES } from "./write.ts";

/**
 * Somebody wants to be forgotten: they are signed out everywhere for good, and the erasure begins. Asking again while it runs
 * answers with the one that runs; who came back and asks again begins another.
 * @throws user.last_admin
 */
export const request = capability("erasure.request", { input: RequestErasure, allow: ROLES }, async ({ subject }, { actor, now }): Promise<ErasureRow> => {
  const user = await User.theUser(userIdOf(actor)!);
  const { userId, personId, emailKey, phoneKey } = user;
  const { erasureId, standing } = await nextOf(userId);
  if (standing) return standing;
  const issuer = subject === undefined ? undefined : await sealedSubject(erasureId, subject, isoOf(now));
  const whose = { ...defined({ userId, emailKey, phoneKey }), ...issuer?.row, personIds: personId ? [personId] : [], reason: "request" as const };
  const job = jobOf(erasureId, actor, now, whose);
  const leaving = { status: "erasing" as const, role: "attendee" as const, signedOutAt: secondsOf(now) };
  // The first word about it is the user's: the chain of the erasure itself starts with its first slice.
  return transact(User.subjectOf(user), [ErasureRequested({ erasureId, step: 1 })], (head) => [
    User.accessChangeOf(user, head, leaving),
    write(Erasures.create(job)),
    ...(issuer ? [write(issuer.key)] : []),
    ...(user.role === "admin" ? [User.leavingAdmins(userId)] : []),
  ]).then(
    () => {
      User.forget(userId);
      return job;
    },
    (error: unknown) => begunMeanwhile(erasureId, error),
  );
});

const BeginErasure = z.strictObject({ personIds: z.array(z.string()).min(1).max(100) });

/** Begins to erase people who are past their time. The same people are erased once. */
export const begin = capability(
  "erasure.begin",
  { input: BeginErasure, allow: ["schedule", "system"] },
  async ({ personIds }, { actor, now }): Promise<ErasureRow> => {
    const { erasureId, standing } = await nextOf(personIds.join());
    if (standing) return standing;
    const job = jobOf(erasureId, actor, now, { personIds, reason: "retention" });
    return transact(created("erasure", erasureId), [ErasureRequested({ erasureId, step: 1 })], (head) => [write(Erasures.create({ ...job, ...head }))]).then(
      (head) => ({ ...job, ...head }),
      (error: unknown) => begunMeanwhile(erasureId, error),
    );
  },
);

/** The erasure that runs for them, else the id of their next one. */
async function nextOf(whose: string): Promise<{ erasureId: ErasureId; standing?: ErasureRow }> {
  for (let n = 1; ; n++) {
    const erasureId = derivedId("era", [whose, String(n)]);
    const standing = await find(erasureId);
    if (!standing) return { erasureId };
    if (standing.phase !== "done") return { erasureId, standing };
  }
}

// Nobody could ask the issuer to forget them by our id, so its name of them is kept until that is done, and opens with its key alone.
async function sealedSubject(erasureId: string, subject: string, at: string) {
  const { key, operation } = await DataKey.making(erasureId, { at, reason: "erasure" });
  return { key: operation, row: { sealedSubject: DataKey.seal(key, erasureId, Buffer.from(subject)), atIssuer: "pending" as const } };
}

type Whose = Pick<ErasureRow, "userId" | "emailKey" | "phoneKey" | "sealedSubject" | "atIssuer" | "reason"> & { personIds: string[] };

function jobOf(erasureId: ErasureId, actor: Actor, now: number, whose: Whose) {
  const at = isoOf(now);
  const begun = { phase: "people" as const, step: 1, round: 1, ...dueIn(now, STALLED_MINUTES), requestedAt: at, updatedAt: at, version: 0 };
  return { ...whose, ...begun, erasureId, askedBy: actorRef(actor) };
}

async function begunMeanwhile(erasureId: string, error: unknown): Promise<ErasureRow> {
  const meanwhile = isChangedMeanwhile(error) ? await find(erasureId) : undefined;
  if (!meanwhile) throw error;
  return meanwhile;
}
