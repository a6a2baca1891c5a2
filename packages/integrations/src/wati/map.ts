import type { MessageStatus } from "@fashionistas/core/message";
import { localWords } from "@fashionistas/core/time";

export const CONFIRMATION_TEMPLATE = "ticket_confirmation_v1";
export const REGRET_TEMPLATE = "payment_returned_v1";
export const INVITATION_TEMPLATE = "invitation_v1";

/** Parameters of the confirmation, in the order of the template's body. Names are the template's own. */
export function confirmationParams(facts: {
  name: string;
  event: string;
  startsAt: string;
  timeZone: string;
  venue: string;
  quantity: number;
  orderId: string;
}) {
  const params = {
    name: facts.name,
    event: facts.event,
    starts_at: localWords(facts.startsAt, facts.timeZone),
    venue: facts.venue,
    quantity: String(facts.quantity),
    order_ref: facts.orderId,
  };
  return listed(params);
}

/** Parameters of the message to somebody whose payment came too late. */
export function regretParams(facts: { name: string; event: string; total: string; orderId: string }) {
  return listed({ name: facts.name, event: facts.event, total: facts.total, order_ref: facts.orderId });
}

/** Parameters of an invitation. `token` is the end of the link that the template's body or button holds. */
export function invitationParams(facts: { name: string; role: string; thing: string; until: string; token: string }) {
  return listed(facts);
}

function listed(params: Record<string, string>) {
  return Object.entries(params).map(([name, value]) => ({ name, value: printable(value) }));
}

// WhatsApp refuses line breaks, tabs, runs of spaces and empty values.
function printable(value: string): string {
  return value.replace(/\s+/g, " ").trim() || "–";
}

/** Digits only, as WATI wants them. */
export function digitsOf(phone: string): string {
  return phone.replace(/\D/g, "");
}

/** WATI's id for our message is the message's own key; its ids contain no hyphen. */
export function localMessageIdOf(key: string): string {
  return key.replaceAll(":", "-");
}

/** The message's key again. */
export function keyOf(localMessageId: string): string {
  return localMessageId.replaceAll("-", ":");
}

/** What a webhook's event type says about a message; types come with and without suffixes like `_v2`. */
export function statusOf(eventType: string): MessageStatus | undefined {
  if (eventType.startsWith("templateMessageFailed")) return "failed";
  if (eventType.startsWith("templateMessageSent")) return "sent";
  if (eventType.startsWith("sentMessageDELIVERED")) return "delivered";
  if (eventType.startsWith("sentMessageREAD") || eventType.startsWith("sentMessageREPLIED")) return "read";
  return undefined;
}
