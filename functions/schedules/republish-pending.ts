import { now } from "@fashionistas/core/context";
import { pendingSince } from "@fashionistas/core/db/outbox";
import { isoOf, MINUTE_MS } from "@fashionistas/core/time";
import { onSchedule } from "../edge.ts";
import { publish } from "../streams/publish.ts";

const PER_SHARD = 50;

/** Publishes what has been pending for a minute: even a lost stream loses nothing. */
export const handler = onSchedule("republish-pending", async () => {
  for await (const row of pendingSince(isoOf(now() - MINUTE_MS), PER_SHARD)) await publish([row]);
});
