import type * as z from "zod";
import { isAdmin, TEAM, type Actor } from "../actor.ts";
import { capability } from "../capability.ts";
import { JournalEntries, oldestEntry, type JournalEntry } from "../db/journal.ts";
import { inputInvalid } from "../error.ts";
import * as Event from "../event/index.ts";
import { pageOf } from "../page.ts";
import { auditLogNotFound } from "./errors.ts";
import { ListAuditLogs, type AuditLogView } from "./schema.ts";

type Filters = Omit<z.output<typeof ListAuditLogs>, "limit" | "cursor">;

/**
 * What was done, newest first: to an entity, or by a user, a key or a device. Admins see all; organizers what was done to their
 * events and to what belongs to these. A page may be short although more follow, when few entries have the wanted action.
 * @throws audit_log.not_found, for an entity of somebody else's event too
 */
export const list = capability("audit_log.list", { input: ListAuditLogs, allow: TEAM, needs: "audit_logs:read" }, async (input, { actor }) => {
  const { entityId, userId, action, since, until } = input;
  if (entityId) await checkVisible(actor, entityId);
  else if (!isAdmin(actor))
    throw inputInvalid("Say which entity of your events you mean: entityId.", { fields: [{ path: "entityId", message: ONE_OF_YOURS }] });
  if (since !== undefined && until !== undefined && since > until) return { items: [], nextCursor: null };
  const list = ["audit-logs", isAdmin(actor), entityId, userId, action, since, until];
  return pageOf(newestFirst(input), input, list, (entry) => viewOf(entry, actor));
});

const ONE_OF_YOURS = "The id of one of your events, or of a ticket type, an order or a dispute of it.";

// Whose event it belongs to is told by its first entry, whatever has become of it since.
async function checkVisible(actor: Actor, entityId: string): Promise<void> {
  const first = await oldestEntry(entityId);
  if (first && isAdmin(actor)) return;
  const eventId = first && eventIdOf(first);
  const event = await Event.findOf(eventId === undefined ? undefined : { eventId });
  if (!event || !Event.manages(actor, event)) throw auditLogNotFound();
}

function eventIdOf({ entityType, entityId, initial, events }: JournalEntry): string | undefined {
  if (entityType === "event") return entityId;
  const told = [initial, ...(events as { data: Record<string, unknown> }[]).map(({ data }) => data)].map((words) => words?.["eventId"]);
  return told.find((id) => typeof id === "string");
}

/** A page is searched for in so many reads at most. */
const ROUNDS = 10;

/** @throws input.invalid when neither says what is looked for */
function newestFirst({ entityId, userId, action, since = "0", until = "~" }: Filters) {
  const query = entityId
    ? JournalEntries.query
        .byEntity({ entityId })
        .where(({ at, actorId }, { between, eq }) => [between(at, since, until), ...(userId ? [eq(actorId, userId)] : [])].join(" AND "))
    : JournalEntries.query.byActor({ actorId: userId ?? saidNothing() }).between({ actedAt: since }, { actedAt: until });
  const searched = action ? query.where((entry, { eq }) => eq(entry.action, action)) : query;
  return {
    async go({ limit, cursor = null }: { limit: number; cursor?: string | null }) {
      const data: JournalEntry[] = [];
      for (let round = 0; round < ROUNDS && data.length < limit && (round === 0 || cursor !== null); round++) {
        const page: { data: unknown[]; cursor: string | null } = await searched.go({
          limit: limit - data.length,
          cursor,
          order: "desc",
          consistent: entityId !== undefined,
        });
        data.push(...(page.data as JournalEntry[]));
        cursor = page.cursor;
      }
      return { data, cursor };
    },
  };
}

function saidNothing(): never {
  const message = "Give entityId, userId or both.";
  const fields = ["entityId", "userId"].map((path) => ({ path, message }));
  throw inputInvalid("Say what you look for: entityId (what it happened to) or userId (who did it).", { fields });
}

function viewOf(entry: JournalEntry, actor: Actor): AuditLogView {
  const { entityType, entityId, seq, action, at, requestId, address, initial = {}, changes = {}, concealed = [], previousHash, hash } = entry;
  const told = [...Object.entries(initial).map(([name, value]) => [name, [null, value]] as const), ...Object.entries(changes)];
  return {
    ...{ entityType, entityId, seq, action, at, requestId, concealed, previousHash, hash },
    actor: { kind: entry.actor.kind, id: entry.actor.id ?? null },
    // Where a buyer sat is no business of an organizer.
    address: isAdmin(actor) ? (address ?? null) : null,
    changes: told.map(([attribute, [before, after]]) => ({ attribute, before, after })).sort((a, b) => (a.attribute < b.attribute ? -1 : 1)),
    removed: entry.removed === true,
    domainEvents: (entry.events as AuditLogView["domainEvents"]).map(({ id, type, data }) => ({ id, type, data })),
  };
}
