import { createHash, randomBytes } from "node:crypto";
import { ANYBODY, userIdOf } from "../actor.ts";
import { capability } from "../capability.ts";
import { websocketUrl } from "../config.ts";
import { isoOf, SECOND_MS, secondsOf } from "../time.ts";
import { RealtimeTickets } from "./entity.ts";
import { IssueRealtimeTicket } from "./schema.ts";

const TICKET_SECONDS = 30;

/** A ticket to connect with, once, within 30 seconds: so that no token ever stands in a URL. */
export const issueTicket = capability("realtime.issue_ticket", { input: IssueRealtimeTicket, allow: ANYBODY }, async ({ channel }, { actor, now }) => {
  const ticket = `rt_${randomBytes(24).toString("base64url")}`;
  const expiresAt = isoOf(now + TICKET_SECONDS * SECOND_MS);
  const userId = userIdOf(actor);
  const sessionId = "sessionId" in actor ? actor.sessionId : undefined;
  await RealtimeTickets.create({
    ticketHash: hashOf(ticket),
    channel,
    ...(userId && sessionId ? { userId, sessionId } : {}),
    expiresAt,
    ttl: secondsOf(now) + 10 * TICKET_SECONDS,
  }).go();
  return { ticket, url: websocketUrl().replace("{channel}", channel).replace("{ticket}", ticket), expiresAt };
});

/** Only the hash is kept: who reads the table cannot connect. */
export function hashOf(ticket: string): string {
  return createHash("sha256").update(ticket).digest("base64url");
}
