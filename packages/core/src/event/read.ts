import { type Actor, isAdmin, isGranted, isMachine, managerIdOf, READERS, rolesOn } from "../actor.ts";
import { capability } from "../capability.ts";
import { readOneOf } from "../copy/index.ts";
import { notAuthenticated } from "../error.ts";
import { pageOf } from "../page.ts";
import { isoOf } from "../time.ts";
import { Events, StatusHistory, type EventRow } from "./entity.ts";
import { eventNotFound } from "./errors.ts";
import { statusAt, transitionsBetween, type Offer, type StatusFacts } from "./rules/status.ts";
import { GetEvent, ListEvents, type EventStatus, type EventView, type StatusHistoryRow } from "./schema.ts";
import { copiedAs, isCrowded } from "./write.ts";

/** The row of an event, or undefined. Strongly consistent; decides nothing about who may see it. */
export async function find(eventId: string): Promise<EventRow | undefined> {
  return readOneOf(copiedAs(eventId), isCrowded, async () => (await Events.get({ eventId }).go({ consistent: true })).data ?? undefined);
}

const NO_EVENT = `evt_${"0".repeat(26)}`;

/** The row of the event that something belongs to. For nothing it reads, too: what is missing takes as long as what is somebody else's. */
export function findOf(thing: { eventId: string } | undefined): Promise<EventRow | undefined> {
  return find(thing?.eventId ?? NO_EVENT);
}

/** May this actor manage the event: its organizer, somebody it was granted to, a key of theirs, an admin, or one of our own machines. */
export function manages(actor: Actor, event: Pick<EventRow, "eventId" | "organizerId">): boolean {
  if (isMachine(actor) || isAdmin(actor)) return true;
  return isGranted(actor, "organizer", { type: "event", id: event.eventId }) || owns(actor, event);
}

/** Is it theirs, by themselves and not by a grant: its organizer's while they are one, or an admin's. */
export function owns(actor: Actor, event: Pick<EventRow, "eventId" | "organizerId">): boolean {
  return isAdmin(actor) || (managerIdOf(actor) === event.organizerId && rolesOn(actor, { type: "event", id: event.eventId }).includes("organizer"));
}

/** Does the door device belong to this event? */
export function isDoorOf(actor: Actor, eventId: string): boolean {
  return actor.kind === "device" && actor.eventId === eventId;
}

/** Does the public see it? All but drafts, reviews and what was cancelled before it was ever shown. */
export function isPublic(event: Pick<EventRow, "visibility">): boolean {
  return event.visibility === "public";
}

/** The row of an event that this actor manages. @throws event.not_found, for a foreign one too */
export async function managedBy(actor: Actor, eventId: string): Promise<EventRow> {
  const event = await find(eventId);
  if (!event || !manages(actor, event)) throw eventNotFound();
  return event;
}

/** The row of an event that this actor may see. @throws event.not_found */
export async function visibleTo(actor: Actor, eventId: string): Promise<EventRow> {
  const event = await find(eventId);
  if (!event || !(isPublic(event) || manages(actor, event))) throw eventNotFound();
  return event;
}

/** One event, by anybody who may see it. @throws event.not_found */
export const get = capability("event.get", { input: GetEvent, allow: READERS, needs: "events:read" }, async ({ eventId }, { actor, now }) =>
  viewOf(await visibleTo(actor, eventId), isoOf(now)),
);

/** Events by date: published ones for the public, `mine` for organizers, all for admins. */
export const list = capability("event.list", { input: ListEvents, allow: READERS, needs: "events:read" }, async (input, { actor, now }) => {
  const at = isoOf(now);
  const from = { startsAt: input.startsAfter ?? "0" };
  const to = { startsAt: input.startsBefore ?? "~" };
  if (from.startsAt >= to.startsAt) return { items: [], nextCursor: null };
  const userId = managerIdOf(actor);
  if (input.mine && !userId) throw notAuthenticated("Sign in to see your own events.");
  const query =
    input.mine && userId
      ? Events.query.byOrganizer({ organizerId: userId }).between(from, to)
      : isAdmin(actor)
        ? Events.query.byDate({}).between(from, to)
        : Events.query.byVisibility({ visibility: "public" }).between(from, to);
  const since = input.updatedSince;
  const scope = ["events", isAdmin(actor), input.mine ? userId : "", input.startsAfter, input.startsBefore];
  const page = await pageOf(since ? query.where(({ updatedAt }, { gte }) => gte(updatedAt, since)) : query, input, scope, (row) => row);
  // Through a key for one event, or for whoever may organize no more, what is theirs is not all there to be seen.
  const items = page.items.filter((event) => !input.mine || isPublic(event) || manages(actor, event)).map((event) => viewOf(event, at));
  return { ...page, items: input.status ? items.filter((event) => event.status === input.status) : items };
});

/** How the status came about, oldest first; what the clock changed since the last record is there at once. */
export const statusHistory = capability(
  "event.status_history",
  { input: GetEvent, allow: READERS, needs: "events:read" },
  async ({ eventId }, { actor, now }) => {
    const event = await visibleTo(actor, eventId);
    const { data } = await StatusHistory.query.byEvent({ eventId }).go({ pages: "all", consistent: true });
    const recorded = data.map((row): StatusHistoryRow => ({
      from: (row.from ?? null) as EventStatus | null,
      to: row.to as EventStatus,
      at: row.at,
      reason: row.reason ?? null,
      by: row.by,
    }));
    const pending = pendingTransitions(event, isoOf(now)).map((change): StatusHistoryRow => ({ ...change, reason: null, by: { kind: "system", id: "clock" } }));
    const rows = [...recorded, ...pending];
    return {
      items: manages(actor, event)
        ? rows
        : rows
            .filter((row) => row.to !== "draft" && row.to !== "review")
            .map(({ by: _, reason: __, ...row }) => ({ ...row, reason: null, by: { kind: "team" } })),
    };
  },
);

/** What changed by itself since the last recorded status. */
export function pendingTransitions(event: EventRow, at: string) {
  return transitionsBetween(factsOf(event), event.recordedStatus as EventStatus, event.recordedAt, at);
}

/** What the status rules need of a row. */
export function factsOf(event: EventRow): StatusFacts {
  return { ...event, offers: event.offers as Offer[] };
}

/** The public face of a row at an instant. */
export function viewOf(event: EventRow, at: string): EventView {
  return {
    id: event.eventId,
    status: statusAt(factsOf(event), at),
    title: event.title,
    description: event.description ?? null,
    startsAt: event.startsAt,
    endsAt: event.endsAt,
    timeZone: event.timeZone,
    venue: event.venue,
    capacity: event.capacity,
    currency: event.currency as EventView["currency"],
    registrationDeadline: event.registrationDeadline ?? null,
    refundPolicy: (event.refundPolicy as EventView["refundPolicy"]) ?? null,
    attendeesUntil: event.attendeesUntil ?? null,
    seo: event.seo ?? null,
    createdAt: event.createdAt,
    updatedAt: event.updatedAt,
    version: event.version,
  };
}
