import { createHash, randomBytes, randomUUID } from "node:crypto";
import { orderedHex } from "../../fake-server.ts";
import { render, type Template } from "./templates.ts";

export type MessageStatus = "sent" | "delivered" | "read" | "replied" | "failed";

/** One template message as it was sent, with what became of it since. */
export type SentMessage = {
  /** WATI's id, 24 hex digits, the same in all webhooks of this message. */
  id: string;
  localMessageId: string;
  /** Digits with country code, no plus. */
  phone: string;
  template: string;
  params: Record<string, string>;
  text: string;
  broadcast: string;
  api: "v1" | "v2" | "v3";
  status: MessageStatus;
  failedCode: string | null;
  /** ISO-8601 UTC. */
  sentAt: string;
};

/** `webhooks`: ids of all webhooks about it so far. */
export type MessageRecord = { message: SentMessage; webhooks: string[] };

export const COLLECTIONS = {
  messages: "wati_messages",
  byLocalId: "wati_messages_by_local_id",
  inbound: "wati_inbound_messages",
  webhooks: "wati_webhooks",
  outbox: "wati_outbox",
} as const;

export const OPERATOR = "api@fake.wati.local";
export const CHANNEL_PHONE = "15550001111";
export const NOT_ON_WHATSAPP = "131026";

const DETAIL: Readonly<Record<string, string>> = {
  "131026": "Message undeliverable",
  "131047": "Re-engagement message",
  "131049": "This message was not delivered to maintain healthy ecosystem engagement.",
  "132000": "Number of parameters does not match the expected number of params",
};

export function newMessage(
  template: Template,
  params: Record<string, string>,
  to: { phone: string; localMessageId: string | null; broadcast: string; api: SentMessage["api"] },
): SentMessage {
  const onWhatsApp = !to.phone.endsWith("0000");
  return {
    id: orderedHex(),
    localMessageId: to.localMessageId ?? randomUUID(),
    phone: to.phone,
    template: template.name,
    params,
    text: render(template, params),
    broadcast: to.broadcast,
    api: to.api,
    status: onWhatsApp ? "sent" : "failed",
    failedCode: onWhatsApp ? null : NOT_ON_WHATSAPP,
    sentAt: new Date().toISOString(),
  };
}

const RANK: Readonly<Record<MessageStatus, number>> = {
  sent: 0,
  delivered: 1,
  read: 2,
  replied: 3,
  failed: 4,
};

/** Only forward; a message can fail only before it was delivered. */
export function canAdvance(from: MessageStatus, to: MessageStatus): boolean {
  if (to === "failed") return from === "sent";
  return from !== "failed" && RANK[to] > RANK[from];
}

const hexOf = (text: string) => createHash("sha256").update(text).digest("hex").slice(0, 24);
const unixSeconds = () => String(Math.floor(Date.now() / 1000));
/** WATI writes seven fractional digits. */
const watiTime = (iso: string) => iso.replace("Z", "0000Z");
const conversation = (phone: string) => ({
  conversationId: hexOf(`conversation ${phone}`),
  ticketId: hexOf(`ticket ${phone}`),
});
const whatsappId = (seed: string) => `wamid.${Buffer.from(seed).toString("base64")}`;

const EVENT: Readonly<Record<Exclude<MessageStatus, "sent" | "failed">, { eventType: string; statusString: string }>> = {
  delivered: { eventType: "sentMessageDELIVERED_v2", statusString: "Delivered" },
  read: { eventType: "sentMessageREAD_v2", statusString: "Read" },
  replied: { eventType: "sentMessageREPLIED_v2", statusString: "Replied" },
};

export const SENT_EVENT = "templateMessageSent_v2";

/** The webhook that tells the status a message has now. */
export function statusWebhook(message: SentMessage): Record<string, unknown> {
  const same = {
    localMessageId: message.localMessageId,
    id: message.id,
    whatsappMessageId: whatsappId(message.id),
  };
  if (message.status === "sent") {
    return {
      eventType: SENT_EVENT,
      ...same,
      templateId: hexOf(`template ${message.template}`),
      templateName: message.template,
      created: watiTime(message.sentAt),
      ...conversation(message.phone),
      text: message.text,
      operatorEmail: OPERATOR,
      waId: message.phone,
      type: "template",
      statusString: "SENT",
      sourceType: "API",
    };
  }
  const rest = {
    ...conversation(message.phone),
    text: null,
    type: "template",
    timestamp: unixSeconds(),
    assigneeId: null,
    operatorEmail: OPERATOR,
  };
  if (message.status === "failed") {
    const failedCode = message.failedCode ?? NOT_ON_WHATSAPP;
    return {
      eventType: "templateMessageFailed",
      statusString: "Failed",
      ...same,
      failedCode,
      failedDetail: DETAIL[failedCode] ?? "Message failed",
      ...rest,
    };
  }
  return {
    ...EVENT[message.status],
    ...same,
    ...rest,
    channelId: null,
    channelPhoneNumber: CHANNEL_PHONE,
  };
}

/** A message that a person wrote to us. */
export function inboundWebhook(waId: string, text: string): Record<string, unknown> & { id: string } {
  return {
    id: orderedHex(),
    created: watiTime(new Date().toISOString()),
    whatsappMessageId: whatsappId(randomBytes(12).toString("hex")),
    ...conversation(waId),
    text,
    type: "text",
    data: null,
    timestamp: unixSeconds(),
    owner: false,
    eventType: "message",
    statusString: "SENT",
    avatarUrl: null,
    assignedId: null,
    operatorName: null,
    operatorEmail: null,
    waId,
    senderName: null,
    listReply: null,
    buttonReply: null,
    replyContextId: null,
    sourceType: 0,
  };
}
