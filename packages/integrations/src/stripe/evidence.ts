import type { EvidencePack } from "@fashionistas/core/dispute";

/**
 * An evidence pack as Stripe takes it: texts by field, each of at most 20,000 characters, 150,000 together. What is too long
 * is cut at a whole character and says so; when all of it is too long, the fields at the end give way first.
 */
type Field =
  | "access_activity_log"
  | "customer_email_address"
  | "customer_name"
  | "product_description"
  | "refund_policy_disclosure"
  | "service_date"
  | "uncategorized_text";
export type EvidenceFields = { [F in Field]?: string };

const MAX_TEXT = 20_000;
const MAX_ALL = 150_000;

/** The pack in Stripe's fields: nothing volatile, the same pack is the same evidence. */
export function evidenceFields(pack: EvidencePack): EvidenceFields {
  return fitted([
    ["customer_name", pack.buyer?.name],
    ["customer_email_address", pack.buyer?.email],
    ["service_date", pack.event.startsAt],
    ["product_description", productOf(pack)],
    ["refund_policy_disclosure", pack.refundPolicy && policyOf(pack.refundPolicy)],
    ["uncategorized_text", summaryOf(pack)],
    ["access_activity_log", pack.history.map(({ at, what, by }) => `${at} ${what.replaceAll(/[._]/g, " ")} (${by})`).join("\n")],
  ]);
}

function productOf({ event, order }: EvidencePack): string {
  return [
    `Tickets for "${event.title}", ${event.startsAt}, at ${event.venue}.`,
    ...order.lines.map(({ quantity, name, unitPrice, total }) => `${quantity} × ${name}, ${unitPrice} each: ${total}`),
    `Total: ${order.total}.`,
  ].join("\n");
}

function policyOf(tiers: NonNullable<EvidencePack["refundPolicy"]>): string {
  const lines = tiers.map(({ daysBefore, percent }) => `Up to ${daysBefore} days before the event: ${percent} % of the price.`);
  return ["Refunds, as shown with the event before the purchase:", ...lines, "Later: none."].join("\n");
}

function summaryOf({ order, tickets, delivery, notes }: EvidencePack): string {
  return [
    ...(notes ? [notes, ""] : []),
    `Order ${order.id} was placed at ${order.placedAt}. All times are UTC.`,
    ...tickets.map(({ id, issuedAt }) => `Ticket ${id} was issued at ${issuedAt}.`),
    ...(delivery ? [`The tickets were sent by ${delivery.channel} at ${delivery.sentAt}; the message was ${delivery.status} at ${delivery.at}.`] : []),
  ].join("\n");
}

function fitted(texts: readonly (readonly [Field, string | undefined])[]): EvidenceFields {
  const fields: EvidenceFields = {};
  let left = MAX_ALL;
  for (const [field, text] of texts) {
    const fits = text === undefined ? "" : cut(text, Math.min(MAX_TEXT, left));
    if (fits === "") continue;
    fields[field] = fits;
    left -= fits.length;
  }
  return fields;
}

/** The text, or as much of it as there is room for and how much is missing. */
export function cut(text: string, room: number): string {
  if (text.length <= room) return text;
  // As many digits as the number can have, so that the note always fits.
  const note = (missing: number) => `\n[cut: ${missing} more characters]`;
  const kept = wholeCharacters(text, room - note(text.length).length);
  return kept === "" ? "" : kept + note(text.length - kept.length);
}

function wholeCharacters(text: string, length: number): string {
  const end = Math.max(0, length);
  return /[\uD800-\uDBFF]$/.test(text.slice(0, end)) ? text.slice(0, end - 1) : text.slice(0, end);
}
