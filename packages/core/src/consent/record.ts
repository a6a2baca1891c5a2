import type * as z from "zod";
import { actorRef } from "../actor.ts";
import { capability } from "../capability.ts";
import { context } from "../context.ts";
import { isMade } from "../db/transact.ts";
import { isoOf } from "../time.ts";
import { Consents } from "./entity.ts";
import { RecordConsent } from "./schema.ts";

/** Adds what somebody said about a channel. Told again, it stands already. */
export const record = capability("consent.record", { input: RecordConsent, allow: ["system"] }, async (said, { now }) => {
  await adding(said, now);
});

/** One row more, or the same one. */
export async function adding(said: z.output<typeof RecordConsent>, now: number): Promise<void> {
  await isMade(Consents.create({ ...said, by: actorRef(context().actor), recordedAt: isoOf(now) }).go());
}
