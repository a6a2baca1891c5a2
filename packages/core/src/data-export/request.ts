import * as z from "zod";
import { ROLES, userIdOf } from "../actor.ts";
import { capability } from "../capability.ts";
import * as DataKey from "../data-key/index.ts";
import { created } from "../db/journal.ts";
import { transact, write } from "../db/transact.ts";
import { isChangedMeanwhile } from "../error.ts";
import { newId } from "../id.ts";
import { inTurns } from "../in-turns.ts";
import { KEPT } from "../kept.ts";
import * as Person from "../person/index.ts";
import { DAY_MS, isoOf, secondsOf } from "../time.ts";
import * as User from "../user/index.ts";
import { DataExportRequested } from "./domain-events.ts";
import { DataExports } from "./entity.ts";
import { find, viewOf } from "./read.ts";
import type { DataExportView } from "./schema.ts";
import { dueSoon } from "./write.ts";

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
  const [exportId, at] = [newId("exp"), isoOf(now)];
  const endsAtMs = now + KEPT.exports.days() * DAY_MS;
  const { operation: making } = await DataKey.making(exportId, { at, reason: "export" });
  const job = {
    ...{ userId, exportId, phase: "collecting" as const, step: 1, buyers: [userId, ...(await peopleOf(user))], buyer: 0 },
    ...{ ...dueSoon(now), requestedAt: at, expiresAt: isoOf(endsAtMs), ttl: secondsOf(endsAtMs) },
  };
  return transact(created("data_export", exportId), [DataExportRequested({ exportId, userId, step: 1 })], (head) => [
    write(DataExports.put({ ...job, ...head }).where((row, { eq, notExists }) => (standing ? eq(row.exportId, standing.exportId) : notExists(row.exportId)))),
    write(making),
    ...(standing ? [write(DataKey.forgetting(standing.exportId))] : []),
  ]).then(
    (head) => viewOf({ ...job, ...head }),
    async (error: unknown) => {
      const meanwhile = isChangedMeanwhile(error) ? await find(userId) : undefined;
      if (meanwhile?.phase !== "collecting") throw error;
      return viewOf(meanwhile);
    },
  );
});

async function peopleOf(user: User.UserRow): Promise<string[]> {
  const people = await Person.listStanding((await Person.listByKeys(user)).sort().slice(0, MOST_CONTACTS));
  const others = await inTurns(people, 5, (person) => User.isOfAnother(person, user.userId));
  return people.flatMap(({ personId }, i) => (others[i] ? [] : [personId])).sort();
}
