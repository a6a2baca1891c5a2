import { actorRef, isUnscoped, managerIdOf, TEAM } from "../actor.ts";
import { notAllowed } from "../error.ts";
import { capability } from "../capability.ts";
import { created } from "../db/journal.ts";
import { transact, write } from "../db/transact.ts";
import { newId } from "../id.ts";
import { defined } from "../defined.ts";
import { isoOf } from "../time.ts";
import { EventCreated } from "./domain-events.ts";
import { Events, StatusHistory } from "./entity.ts";
import { find, viewOf } from "./read.ts";
import { CreateEvent } from "./schema.ts";

/** Creates a draft. With an id that was used already, the standing event is the answer. */
export const create = capability(
  "event.create",
  { input: CreateEvent, allow: TEAM, needs: "events:write" },
  async ({ eventId = newId("evt"), ...document }, { actor, now }) => {
    const organizerId = managerIdOf(actor);
    if (organizerId === undefined || !isUnscoped(actor))
      throw notAllowed("What was granted to you for one event makes no new ones: ask an admin for the role organizer.");
    const at = isoOf(now);
    const standing = await find(eventId);
    if (standing) return viewOf(standing, at);
    const row = {
      ...defined(document),
      eventId,
      organizerId,
      stage: "draft" as const,
      visibility: "private" as const,
      offers: [],
      capacityBinds: false,
      capacityGroups: 1,
      capacities: [],
      recordedStatus: "draft",
      recordedAt: at,
      createdAt: at,
    };
    const head = await transact(created("event", eventId), [EventCreated({ eventId })], (head) => [
      write(Events.create({ ...row, ...head })),
      write(StatusHistory.create({ eventId, at, n: 0, to: "draft", by: actorRef(actor) })),
    ]);
    return viewOf({ ...row, ...head }, at);
  },
);
