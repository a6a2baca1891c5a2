import type { OrderId } from "./id.ts";

/** Kinds of people who sign in. */
export const ROLES = ["attendee", "sponsor", "designer", "model", "organizer", "admin"] as const;
export type Role = (typeof ROLES)[number];

/**
 * Who is calling. Every entry makes exactly one; there is no default.
 * `holds` is the order whose secret link token came with the request, already verified.
 */
export type Actor =
  | { kind: "public"; holds?: OrderId }
  | { kind: Role; userId: string; permissions: readonly string[]; holds?: OrderId }
  | { kind: "webhook"; vendor: string }
  | { kind: "schedule"; name: string }
  | { kind: "system"; name: string };

export type ActorKind = Actor["kind"];

/** The user's id, for people who signed in. */
export function userIdOf(actor: Actor): string | undefined {
  return "userId" in actor ? actor.userId : undefined;
}

/** Does the actor hold this permission (`event.publish`)? Admins hold all. */
export function mayDo(actor: Actor, permission: string): boolean {
  return actor.kind === "admin" || ("permissions" in actor && actor.permissions.includes(permission));
}

/** Kind and id for domain events and the audit trail: ids only. */
export function actorRef(actor: Actor): { kind: ActorKind; id?: string } {
  if ("userId" in actor) return { kind: actor.kind, id: actor.userId };
  if ("vendor" in actor) return { kind: actor.kind, id: actor.vendor };
  if ("name" in actor) return { kind: actor.kind, id: actor.name };
  return { kind: actor.kind };
}

/** Entries that are not people: their verbs see everything. */
export function isMachine(actor: Actor): boolean {
  return actor.kind === "webhook" || actor.kind === "schedule" || actor.kind === "system";
}
