import type { Hat } from "../actor.ts";
import { now } from "../context.ts";
import { memory } from "../memory.ts";
import { MINUTE_MS } from "../time.ts";
import type { UserRow } from "./entity.ts";

/** How long a process goes on with what it knows of somebody. */
export const KNOWN_MS = MINUTE_MS;
const MOST_KNOWN = 10_000;

type Known = { untilMs: number; user: Pick<UserRow, "role" | "accessVersion">; hats: readonly Hat[] };
const known = memory(() => new Map<string, Map<string, Known>>());

/** What this process knows of a user in this session; `stale` once a minute has passed. */
export function recall(userId: string, sessionId: string): (Known & { stale: boolean }) | undefined {
  const entry = known().get(userId)?.get(sessionId);
  return entry && { ...entry, stale: now() >= entry.untilMs };
}

/** Remembers it for a minute from when it was read. */
export function remember(userId: string, sessionId: string, { user, hats }: Pick<Known, "user" | "hats">, readAtMs: number): void {
  if (known().size >= MOST_KNOWN) known().clear();
  const sessions = known().get(userId) ?? new Map<string, Known>();
  known().set(userId, sessions.set(sessionId, { untilMs: readAtMs + KNOWN_MS, user, hats }));
}

/** Forgets a user: this process has just changed what they may do. */
export function forget(userId: string): void {
  known().delete(userId);
}
