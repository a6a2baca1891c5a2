import { now } from "@fashionistas/core/context";
import * as Consent from "@fashionistas/core/consent";
import { ConsentState } from "@fashionistas/core/consent/schema";
import { defineError } from "@fashionistas/core/error";
import * as Event from "@fashionistas/core/event";
import * as Invitation from "@fashionistas/core/invitation";
import { log } from "@fashionistas/core/log";
import * as Message from "@fashionistas/core/message";
import { inWords } from "@fashionistas/core/money";
import * as Order from "@fashionistas/core/order";
import * as Person from "@fashionistas/core/person";
import { textFor } from "@fashionistas/core/text";
import { isoOf, localWords, msOf, SECOND_MS } from "@fashionistas/core/time";
import { sendTemplate, WatiBusyError } from "./client.ts";
import {
  CONFIRMATION_TEMPLATE,
  confirmationParams,
  digitsOf,
  INVITATION_TEMPLATE,
  invitationParams,
  keyOf,
  localMessageIdOf,
  REGRET_TEMPLATE,
  regretParams,
  statusOf,
} from "./map.ts";

const outcomeUnknown = defineError("message.outcome_unknown", "unavailable", "It is not known yet whether the message was sent");

/**
 * Tells the buyer of a fulfilled order on WhatsApp that the tickets are theirs, once, if they opted in.
 * @throws message.outcome_unknown (ask again later), WatiBusyError, WatiOutcomeUnknownError
 */
export async function sendConfirmation(orderId: string): Promise<void> {
  const order = await Order.find(orderId);
  if (order?.status !== "fulfilled") return;
  await tellBuyer(order, Message.confirmationKey(orderId), CONFIRMATION_TEMPLATE, (person, event) =>
    confirmationParams({
      name: person.name,
      event: textFor(event.title),
      startsAt: event.startsAt,
      timeZone: event.timeZone,
      venue: `${event.venue.name}, ${event.venue.city}`,
      quantity: Order.ticketCount(order.lines),
      orderId,
    }),
  );
}

/**
 * Tells a buyer whose payment came too late that it goes back, once, if they opted in.
 * @throws message.outcome_unknown (ask again later), WatiBusyError, WatiOutcomeUnknownError
 */
export async function sendRegret(orderId: string): Promise<void> {
  const order = await Order.find(orderId);
  if (order?.status !== "unfulfillable") return;
  const total = inWords(order);
  await tellBuyer(order, Message.regretKey(orderId), REGRET_TEMPLATE, (person, event) =>
    regretParams({ name: person.name, event: textFor(event.title), total, orderId }),
  );
}

/**
 * Brings an invitation to the phone that it is for, once, while it can be accepted. It is the one message that nobody opted in to:
 * somebody they know asked us to bring it. Who told us to stop gets none.
 * @throws message.outcome_unknown (ask again later), WatiBusyError, WatiOutcomeUnknownError
 */
export async function sendInvitation(invitationId: string): Promise<void> {
  const invitation = await Invitation.find(invitationId);
  if (invitation?.via !== "whatsapp" || !Invitation.isOpen(invitation, isoOf(now()))) return;
  const scope = Invitation.scopeOf(invitation);
  const [person, event] = await Promise.all([Person.find(invitation.personId), scope?.type === "event" ? Event.find(scope.id) : undefined]);
  if (!person?.phone || (await Consent.latest("whatsapp", invitation.contactKey))?.state === "withdrawn") return;
  const { role, expiresAt } = invitation;
  const thing = event ? textFor(event.title) : "Fashionistas";
  const until = localWords(expiresAt, event?.timeZone ?? "UTC");
  await tell(person, {
    ...{ key: Message.invitationKey(invitationId), template: INVITATION_TEMPLATE, broadcast: `invitations ${scope?.id ?? "role"}` },
    params: invitationParams({ name: person.name, role, thing, until, token: Invitation.tokenOf(invitationId) }),
  });
}

async function tellBuyer(
  order: Order.OrderRow,
  key: string,
  template: string,
  paramsFor: (person: Person.KnownPerson, event: Event.EventRow) => { name: string; value: string }[],
): Promise<void> {
  if (!order.whatsappOptIn) return;
  const [person, event] = await Promise.all([Person.find(order.personId), Event.find(order.eventId)]);
  if (!person?.phone || !event || !(await mayWrite(order, person.keys.phoneKey))) return;
  await tell(person, { key, template, broadcast: `event ${event.eventId}`, params: paramsFor(person, event) });
}

type Told = { key: string; template: string; broadcast: string; params: { name: string; value: string }[] };

// An interrupted send waits for WATI's webhook before it is repeated, because WATI would send it twice.
async function tell({ personId, phone = "" }: Person.KnownPerson, { key, template, broadcast, params }: Told): Promise<void> {
  const next = await Message.begin({ key, template, personId });
  if (next === "done") return;
  if (next === "wait") throw outcomeUnknown("WATI's webhook will tell.");
  try {
    const sent = await sendTemplate({ template, broadcast, phone: digitsOf(phone), localMessageId: localMessageIdOf(key), params });
    await Message.advance(sent.outcome === "accepted" ? { key, status: "accepted" } : { key, status: "failed", failure: sent.failure });
  } catch (error) {
    if (error instanceof WatiBusyError) await Message.postpone({ key });
    throw error;
  }
}

// What they said with the order is a row of the ledger before it counts: a later word of theirs, wherever they said it, is the last.
async function mayWrite({ orderId, createdAt }: Order.OrderRow, channelKey: string | undefined): Promise<boolean> {
  if (!channelKey) return false;
  await Consent.record({ channel: "whatsapp", channelKey, state: "granted", source: `order:${orderId}`, at: createdAt });
  return Consent.isGranted("whatsapp", channelKey);
}

/** Notes that somebody who wrote to us takes their consent back, or gives it again. `at`: when they wrote, by WATI's clock in whole seconds. */
export async function recordWord({ state, phoneKey, at }: { state: string; phoneKey: string; at: string }): Promise<boolean> {
  const said = ConsentState.safeParse(state);
  if (!said.success) return false;
  if (phoneKey === "") {
    log.warn("consent without a phone number", { state });
    return false;
  }
  // Within that second nobody knows what came first: taking it back counts as the last word.
  const instant = said.data === "withdrawn" ? isoOf(msOf(at) + SECOND_MS - 1) : at;
  await Consent.record({ channel: "whatsapp", channelKey: phoneKey, state: said.data, source: "webhook:wati", at: instant });
  return true;
}

/** Notes what WATI told about one of our messages. @returns false when it is none of ours */
export async function recordStatus({ eventType, localMessageId, failure }: { eventType: string; localMessageId: string; failure?: string }): Promise<boolean> {
  const status = statusOf(eventType);
  if (!status || !localMessageId) return false;
  if (status === "failed") log.warn("whatsapp message failed", { localMessageId, failure });
  await Message.advance({ key: keyOf(localMessageId), status, ...(failure ? { failure } : {}) });
  return true;
}
