import * as z from "zod";
import { ROLES, userIdOf } from "../actor.ts";
import { capability } from "../capability.ts";
import * as DataKey from "../data-key/index.ts";
import { created } from "../db/journal.ts";
import { transact, write } from "../db/transact.ts";
import { isChangedMeanwhile } from "../error.ts";
import { derivedId } from "../id.ts";
import { inTurns } from "../in-turns.ts";
import { KEPT } from "../kept.ts";
import * as Person from "../person/index.ts";
import { DAY_MS, isoOf } from "../time.ts";
import * as User from "../user/index.ts";
import { DataExportRequested } from "./domain-events.ts";
import { DataExports, exportIdOf } from "./entity.ts";
import { find, viewOf } from "./read.ts";
import type { DataExportView } from "./schema.ts";
import { changeOf, dueSoon, subjectOf } from "./write.ts";

/** Ways in which one was named that an export goes into. */
const MOST_CONTACTS = 100;

/**
 * Begins to collect everything we hold about whoever asks. Asking again while it is collected answers with that one; later it begins
 * anew, and what was there before cannot be opened any more.
 */
export const request = capability("data_export.request", { input: z.strictObject({}), allow: ROLES }, async (_, { actor, now }): Promise<DataExportView> => {
  const user = await User.theUser(userIdOf(actor)!);
  const { userId } = user;
  const standing = await find(userId);
  if (standing?.phase === "collecting") return viewOf(standing);
  const at = isoOf(now);
  const next = { dataExportId: derivedId("exp", [userId]), n: (standing?.n ?? 0) + 1 };
  const { operation: making } = await DataKey.making(exportIdOf(next), { at, reason: "export" });
  const begun = { phase: "collecting" as const, step: 1, buyers: [userId, ...(await peopleOf(user))], buyer: 0 };
  const job = { userId, ...next, ...begun, ...dueSoon(now), requestedAt: at, expiresAt: isoOf(now + KEPT.exports.days() * DAY_MS) };
  const subject = standing ? subjectOf(standing) : created("data_export", next.dataExportId);
  return transact(subject, [DataExportRequested({ ...next, userId, step: 1 })], (head) => [
    write(standing ? changeOf(standing, head, withoutKey(job), ["cursor", "readyAt"]) : DataExports.create({ ...job, ...head })),
    write(making),
    ...(standing ? [write(DataKey.forgetting(exportIdOf(standing)))] : []),
  ]).then(
    (head) => viewOf({ ...job, ...head }),
    async (error: unknown) => {
      const meanwhile = isChangedMeanwhile(error) ? await find(userId) : undefined;
      if (meanwhile?.phase !== "collecting") throw error;
      return viewOf(meanwhile);
    },
  );
});

function withoutKey<T extends { userId: string }>({ userId: _, ...rest }: T) {
  return rest;
}

async function peopleOf(user: User.UserRow): Promise<string[]> {
  const people = await Person.listStanding((await Person.listByKeys(user)).sort().slice(0, MOST_CONTACTS));
  const others = await inTurns(people, 5, (person) => User.isOfAnother(person, user.userId));
  return people.flatMap(({ personId }, i) => (others[i] ? [] : [personId])).sort();
}
