/**
 * How far a message came. Vendors tell it in any order and more than once, so it only moves forward in rank; a failure can
 * follow being sent, but a message that was delivered did not fail.
 *
 *   sending 0 · accepted 1 · sent 2 · failed 3 · delivered 4 · read 5
 */
export type MessageStatus = "sending" | "accepted" | "sent" | "failed" | "delivered" | "read";
export const RANKS: Record<MessageStatus, number> = { sending: 0, accepted: 1, sent: 2, failed: 3, delivered: 4, read: 5 };

/**
 * What to do about a message that was begun before. A vendor without idempotency may have taken it when we died while
 * sending: its webhook tells within moments, so we wait for that before we send again.
 */
export function afterInterruption(
  { status, sendingSince }: { status: MessageStatus; sendingSince: string },
  now: number,
  doubtSeconds: number,
): "done" | "wait" | "send" {
  if (status !== "sending") return "done";
  return now - Date.parse(sendingSince) < doubtSeconds * 1_000 ? "wait" : "send";
}
