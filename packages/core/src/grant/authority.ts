import { type Actor, isAdmin, type Scope } from "../actor.ts";
import { inputInvalid, notAllowed } from "../error.ts";
import * as Event from "../event/index.ts";
import { isoOf } from "../time.ts";
import { isOwner, outlastsYours } from "./errors.ts";
import { reachOf } from "./rules/reach.ts";
import type { GrantedRole } from "./schema.ts";

/**
 * May this actor say who may do what about this thing: whoever manages the event, and admins about anything. @returns the event
 * @throws event.not_found, for a foreign one too; actor.not_allowed
 */
export async function governed(actor: Actor, scope: Scope): Promise<Event.EventRow | undefined> {
  if (scope.type === "event") return Event.managedBy(actor, scope.id);
  if (!isAdmin(actor)) throw notAllowed(`Ask an admin: who stands for a ${scope.type} is theirs to say.`);
  return undefined;
}

/** Until when this actor may give it: as asked, never longer than they have it. @throws input.invalid, grant.outlasts_yours */
export function untilFor(
  actor: Actor,
  event: Event.EventRow | undefined,
  { asked, field }: { asked: string | undefined; field: string },
  now: number,
): string | undefined {
  if (asked !== undefined && asked <= isoOf(now))
    throw inputInvalid(`Check ${field}: it is over already.`, { fields: [{ path: field, message: "Must be in the future." }] });
  const reach = event === undefined || Event.owns(actor, event) ? undefined : reachOf(untilsOf(actor, event.eventId));
  if (reach !== undefined && asked !== undefined && asked > reach) throw outlastsYours(`Give a ${field} no later than ${reach}.`);
  return asked ?? reach;
}

function untilsOf(actor: Actor, eventId: string): (string | undefined)[] {
  if (!("hats" in actor)) return [undefined];
  return actor.hats.filter(({ role, on }) => role === "organizer" && on?.type === "event" && on.id === eventId).map(({ until }) => until);
}

/** Whose event it is organizes it anyway. @throws grant.is_owner */
export function refuseOwner(event: Event.EventRow | undefined, userId: string, role: GrantedRole): void {
  if (event?.organizerId === userId && role === "organizer")
    throw isOwner("They organize it by owning it: nothing needs to be granted, and nothing can be removed.");
}
