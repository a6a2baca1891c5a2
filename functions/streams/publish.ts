import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { required } from "@fashionistas/core/config";
import { now } from "@fashionistas/core/context";
import { markPublished, type OutboxRow } from "@fashionistas/core/db/outbox";
import { log } from "@fashionistas/core/log";
import { isoOf } from "@fashionistas/core/time";

/** The process's one connection to the bus. */
export const bus = new EventBridgeClient({ maxAttempts: 3 });
const ENTRIES_PER_CALL = 10;

/**
 * Publishes the domain events of outbox rows and takes the rows out of the pending index. A row of which one entry was refused
 * stays pending. @returns the rows that were not published
 */
export async function publish(rows: readonly OutboxRow[]): Promise<OutboxRow[]> {
  const entries = rows.flatMap((row) => row.events.map((event) => ({ row, event })));
  const failed = new Set<OutboxRow>();
  for (let i = 0; i < entries.length; i += ENTRIES_PER_CALL) {
    const some = entries.slice(i, i + ENTRIES_PER_CALL);
    const { Entries = [] } = await bus.send(
      new PutEventsCommand({
        Entries: some.map(({ event }) => ({
          EventBusName: required("EVENT_BUS_NAME"),
          Source: event.source,
          DetailType: event.type,
          Detail: JSON.stringify(event),
          Time: new Date(event.occurredAt),
        })),
      }),
    );
    // 200 with failures: every entry has an answer of its own, and one that has none was not taken.
    some.forEach(({ row, event }, n) => {
      if (Entries[n]?.EventId) return;
      failed.add(row);
      log.warn("event not published", { eventId: event.id, type: event.type, code: Entries[n]?.ErrorCode });
    });
  }
  const at = isoOf(now());
  await Promise.all(rows.filter((row) => !failed.has(row)).map((row) => markPublished(row, at)));
  return [...failed];
}
