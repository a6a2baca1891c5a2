import type { Actor } from "./actor.ts";

/** Whose call it is, as narrowly as is known of somebody who proved it. */
export type Caller = { kind: "key" | "user" | "device"; id: string };

/** The key, else the user, else the device behind an actor; undefined for the public and for machines. */
export function callerOf(actor: Actor): Caller | undefined {
  if ("keyId" in actor) return { kind: "key", id: actor.keyId };
  if ("userId" in actor) return { kind: "user", id: actor.userId };
  if ("deviceId" in actor) return { kind: "device", id: actor.deviceId };
  return undefined;
}
