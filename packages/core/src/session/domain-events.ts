import * as z from "zod";
import { defineDomainEvent } from "../domain-event.ts";

/** Without a sessionId: all sessions that began before. */
export const SessionEnded = defineDomainEvent("session.ended", 1, z.object({ userId: z.string(), sessionId: z.string().optional() }));
