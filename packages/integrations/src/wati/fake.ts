import { timingSafeEqual } from "node:crypto";
import { type Call, createLocks, createRateLimit, type Entry, orderedTail, type Reply, serveLoopback, startWebhooks } from "../fake-server.ts";
import type { FakeStore, RunningFake } from "../fake-store.ts";
import {
  canAdvance,
  COLLECTIONS,
  inboundWebhook,
  type MessageRecord,
  newMessage,
  NOT_ON_WHATSAPP,
  SENT_EVENT,
  type SentMessage,
  statusWebhook,
} from "./fake/messages.ts";
import { DEFAULT_TEMPLATES, inBodyOrder, readTemplateParams, type Template, templateJson } from "./fake/templates.ts";

export type { MessageStatus, SentMessage } from "./fake/messages.ts";

export type WatiFakeOptions = {
  /** Keeps everything; nothing lives only in memory. */
  store: FakeStore;
  /** 0 or left out: a free port. */
  port?: number;
  accessToken: string;
  /** In the path of v1 and v2, never of v3. */
  tenantId: string;
  /** Asked before every delivery. */
  webhookUrl: () => string;
  /** Approved templates; by default those the product sends. */
  templates?: readonly Template[];
  /** 30 sends in 10 s, the smallest plan; off by default. */
  enforceRateLimits?: boolean;
  /** A message is delivered as soon as its `templateMessageSent_v2` was accepted; on by default. */
  autoDeliver?: boolean;
};

export type WatiFake = RunningFake & {
  /** Everything sent, in order; a repeated send is there twice. */
  messages(): Promise<SentMessage[]>;
  /** Moves the last message with this id on and queues its webhook. Throws when that status cannot follow. */
  advance(localMessageId: string, status: "delivered" | "read" | "replied" | "failed", failedCode?: string): Promise<void>;
  /** A person writes to us: queues a `message` webhook and answers its id. */
  inbound(waId: string, text: string): Promise<string>;
  /** Queues all webhooks so far of a message again: `localMessageId`, or the id that `inbound` answered. */
  redeliver(id: string, eventType?: string): Promise<void>;
  /** Resolves when no webhook is due now. One that waits for a later retry is not due, nor is any while paused. */
  idle(): Promise<void>;
  pauseWebhooks(): void;
  /** Also makes those due that wait for a retry. */
  resumeWebhooks(): void;
};

const FIRST_RETRY_MS = 500;
const MAX_RETRY_MS = 30_000;
const MAX_ATTEMPTS = 144;
const MAX_RECIPIENTS = 10_000;
/** Two rows a recipient and two for the webhooks make at most 25. */
const RECIPIENTS_PER_WRITE = 11;
const PHONE = /^[1-9][0-9]{6,14}$/;
const JSON_TYPES = /^(application\/json|application\/json-patch\+json|text\/json)\b/;

type Json = Record<string, unknown>;
const isObject = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value);
const json = (status: number, body: object): Reply => ({
  status,
  headers: { "content-type": "application/json; charset=utf-8" },
  body: JSON.stringify(body),
});
const failure = (status: number, message: string) => json(status, { code: status, message, timestamp: new Date().toISOString() });

/**
 * A loopback WATI, as strict as `contracts/wati.md` tells: v3 send and template list, v1 and v2 single send, unsigned webhooks.
 * Nothing is idempotent. A number that ends in 0000 is not on WhatsApp. Messages and unsent webhooks survive `kill -9`.
 */
export async function startWatiFake(options: WatiFakeOptions): Promise<WatiFake> {
  const { store, tenantId, autoDeliver = true } = options;
  const templates = new Map((options.templates ?? DEFAULT_TEMPLATES).map((template) => [template.name, template]));
  const withinRate = createRateLimit(30, 10_000);
  const locked = createLocks();
  const webhooks = await startWebhooks({
    store,
    collections: { sent: COLLECTIONS.webhooks, outbox: COLLECTIONS.outbox },
    url: options.webhookUrl,
    headers: () => ({ "content-type": "application/json" }),
    accepts: (status) => status === 200,
    firstRetryMs: FIRST_RETRY_MS,
    maxRetryMs: MAX_RETRY_MS,
    maxAttempts: MAX_ATTEMPTS,
    accepted: async (body) => {
      const { eventType, id } = body as { eventType: string; id: string };
      if (autoDeliver && eventType === SENT_EVENT) await move(id, "delivered");
    },
  });

  /** Rows and unsent webhooks together, in writes of 25 rows: a crash between two sends a part, as at WATI. */
  async function send(messages: readonly SentMessage[]): Promise<void> {
    for (let from = 0; from < messages.length; from += RECIPIENTS_PER_WRITE) {
      const part = messages.slice(from, from + RECIPIENTS_PER_WRITE);
      const batch = webhooks.draft(part.map((message) => () => statusWebhook(message)));
      const latest = new Map(part.map((message) => [message.localMessageId, message.id]));
      const entries = part.map((message, index): Entry => messageEntry({ message, webhooks: [batch.ids[index] as string] }));
      for (const [id, value] of latest) entries.push({ collection: COLLECTIONS.byLocalId, id, value: { id: value } });
      await webhooks.commit(batch, entries);
    }
  }

  /** False when the message is already there or beyond. */
  function move(id: string, status: SentMessage["status"], failedCode = NOT_ON_WHATSAPP): Promise<boolean> {
    return locked(id, async () => {
      const record = await store.get<MessageRecord>(COLLECTIONS.messages, id);
      if (record === undefined || !canAdvance(record.message.status, status)) return false;
      const message: SentMessage = {
        ...record.message,
        status,
        failedCode: status === "failed" ? failedCode : null,
      };
      const batch = webhooks.draft([() => statusWebhook(message)]);
      await webhooks.commit(batch, [messageEntry({ message, webhooks: [...record.webhooks, ...batch.ids] })]);
      return true;
    });
  }

  async function sendV3(body: unknown): Promise<Reply> {
    if (!isObject(body)) return failure(400, "The request body must be a JSON object.");
    const { template_name, broadcast_name, recipients, channel } = body;
    if (typeof template_name !== "string" || template_name === "") return failure(400, "The template_name field is required.");
    if (typeof broadcast_name !== "string" || broadcast_name === "") return failure(400, "The broadcast_name field is required.");
    if (channel !== undefined && channel !== null && typeof channel !== "string") return failure(400, "The channel field must be a string or null.");
    if (!Array.isArray(recipients)) return failure(400, "The recipients field is required.");
    if (recipients.length < 1 || recipients.length > MAX_RECIPIENTS) return failure(400, `The recipients field must have 1 to ${MAX_RECIPIENTS} items.`);
    if (!recipients.every((one) => isObject(one) && (isText(one["phone_number"]) || isText(one["target"])))) {
      return failure(400, "Each recipient must have at least one of phone_number or target.");
    }
    const template = templates.get(template_name);
    if (template === undefined)
      return json(200, {
        success: false,
        error: "Template not found",
        broadcast_id: null,
        recipients: [],
      });
    const messages: SentMessage[] = [];
    const results = recipients.map((recipient: Json) => {
      const { phone, errors } = readRecipient(recipient);
      const localMessageId = isText(recipient["local_message_id"]) ? recipient["local_message_id"] : null;
      const read = readTemplateParams(template, recipient["custom_params"]);
      errors.push(...read.errors);
      if (errors.length > 0) return { phone_number: phone, local_message_id: localMessageId, errors };
      const message = newMessage(template, read.params, {
        phone,
        localMessageId,
        broadcast: broadcast_name,
        api: "v3",
      });
      messages.push(message);
      return { phone_number: phone, local_message_id: message.localMessageId, errors };
    });
    await send(messages);
    const success = messages.length > 0;
    return json(200, {
      success,
      error: success ? null : "No valid recipients",
      broadcast_id: success ? orderedTail() : null,
      recipients: results,
    });
  }

  async function sendSingle(api: "v1" | "v2", call: Call, body: unknown): Promise<Reply> {
    const phone = call.query.get("whatsappNumber") ?? "";
    const input = isObject(body) ? body : {};
    const refuse = (info: string, valid = true) => json(200, singleRefusal(api, phone, input, info, valid));
    if (phone === "") return refuse("Whatsapp number should not be null or empty");
    if (!isText(input["template_name"])) return refuse("Template name should not be null or empty");
    if (!isText(input["broadcast_name"])) return refuse("Broadcast name should not be null or empty");
    const template = templates.get(input["template_name"]);
    if (template === undefined) return refuse("Template not found");
    if (!PHONE.test(phone) || phone.endsWith("0000")) return refuse("Invalid WhatsApp number", false);
    const { params, errors } = readTemplateParams(template, input["parameters"]);
    if (errors.length === 0 && !inBodyOrder(template, input["parameters"])) errors.push("Parameters are not in the order of the template");
    if (errors.length > 0) return refuse(errors.join("; "));
    const message = newMessage(template, params, {
      phone,
      localMessageId: null,
      broadcast: input["broadcast_name"],
      api,
    });
    await send([message]);
    return json(200, singleAnswer(api, message, input["parameters"]));
  }

  async function handle(call: Call): Promise<Reply> {
    const route = routeOf(call, tenantId);
    if (route === undefined) return failure(404, "Not found");
    if (!hasToken(call.headers.authorization, options.accessToken)) return { status: 401 };
    if (call.method !== (route === "templates" ? "GET" : "POST")) return failure(405, "Method not allowed");
    if (route === "templates") return json(200, templatePage(call.query, [...templates.values()]));
    if (options.enforceRateLimits && !withinRate()) return failure(429, "Too many requests");
    if (!JSON_TYPES.test(call.headers["content-type"] ?? "")) return failure(415, "Unsupported media type");
    let body: unknown;
    try {
      body = JSON.parse(call.body);
    } catch {
      return failure(400, "The request body is not valid JSON.");
    }
    return route === "v3" ? sendV3(body) : sendSingle(route, call, body);
  }

  const idOf = async (localMessageId: string) => (await store.get<{ id: string }>(COLLECTIONS.byLocalId, localMessageId))?.id;
  const server = await serveLoopback(options.port ?? 0, handle).catch(async (error: unknown) => {
    await webhooks.close();
    throw error;
  });

  return {
    url: server.url,
    messages: async () => (await store.list<MessageRecord>(COLLECTIONS.messages)).map(({ value }) => value.message),
    async advance(localMessageId, status, failedCode) {
      const id = await idOf(localMessageId);
      if (id === undefined) throw new Error(`No message with the local id '${localMessageId}'`);
      if (!(await move(id, status, failedCode))) throw new Error(`Message '${localMessageId}' cannot become ${status}`);
    },
    async inbound(waId, text) {
      const body = inboundWebhook(waId, text);
      const batch = webhooks.draft([() => body]);
      const entry = {
        collection: COLLECTIONS.inbound,
        id: body.id,
        value: { webhooks: batch.ids },
      };
      await webhooks.commit(batch, [entry]);
      return body.id;
    },
    async redeliver(id, eventType) {
      const messageId = await idOf(id);
      const record = await (messageId === undefined
        ? store.get<{ webhooks: string[] }>(COLLECTIONS.inbound, id)
        : store.get<{ webhooks: string[] }>(COLLECTIONS.messages, messageId));
      if (record === undefined) throw new Error(`No message '${id}'`);
      for (const webhook of record.webhooks) {
        const body = (await webhooks.find(webhook)) as { eventType: string };
        if (eventType === undefined || body.eventType === eventType) await webhooks.again(webhook);
      }
    },
    idle: webhooks.idle,
    pauseWebhooks: webhooks.pause,
    resumeWebhooks: webhooks.resume,
    async close() {
      await server.close();
      await webhooks.close();
    },
  };
}

const isText = (value: unknown): value is string => typeof value === "string" && value !== "";
const messageEntry = (value: MessageRecord): Entry => ({
  collection: COLLECTIONS.messages,
  id: value.message.id,
  value,
});

type Route = "v3" | "v2" | "v1" | "templates";

/** v3 has no tenant in its path, v1 and v2 must have it. */
function routeOf({ path }: Call, tenantId: string): Route | undefined {
  if (path === "/api/ext/v3/messageTemplates/send") return "v3";
  if (path === "/api/ext/v3/messageTemplates") return "templates";
  if (path === `/${encodeURIComponent(tenantId)}/api/v2/sendTemplateMessage`) return "v2";
  if (path === `/${encodeURIComponent(tenantId)}/api/v1/sendTemplateMessage`) return "v1";
  return undefined;
}

function hasToken(header: string | undefined, token: string): boolean {
  const given = Buffer.from(/^Bearer (.+)$/.exec(header ?? "")?.[1] ?? "");
  const wanted = Buffer.from(token.replace(/^Bearer /i, ""));
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

/** `target` is a phone, `Channel:Phone`, a contact id or a BSUID; the fake has no contacts, so it knows phones only. */
function readRecipient({ phone_number, target }: Json): { phone: string; errors: string[] } {
  const phone = isText(phone_number) ? phone_number : String(target).replace(/^[^:]*:/, "");
  return { phone, errors: PHONE.test(phone) ? [] : [`Invalid recipient: ${phone}`] };
}

function templatePage(query: URLSearchParams, all: readonly Template[]): object {
  const page = Math.max(1, Number(query.get("page_number") ?? 1) || 1);
  const size = Math.min(100, Math.max(1, Number(query.get("page_size") ?? 100) || 100));
  return {
    templates: all.slice((page - 1) * size, page * size).map(templateJson),
    page_number: page,
    page_size: size,
    total: all.length,
  };
}

function singleRefusal(api: "v1" | "v2", phone: string, input: Json, info: string, valid: boolean): object {
  if (api === "v1") return { result: false, info, validWhatsAppNumber: valid };
  const receivers = phone === "" ? [] : [{ localMessageId: null, waId: phone, isValidWhatsAppNumber: valid, errors: [info] }];
  return {
    result: false,
    error: info,
    templateName: input["template_name"] ?? null,
    receivers,
    parameters: input["parameters"] ?? [],
  };
}

/** v1 tells no `localMessageId`. */
function singleAnswer(api: "v1" | "v2", message: SentMessage, parameters: unknown): object {
  if (api === "v2") {
    const receiver = {
      localMessageId: message.localMessageId,
      waId: message.phone,
      isValidWhatsAppNumber: true,
      errors: [],
    };
    return {
      result: true,
      error: null,
      templateName: message.template,
      receivers: [receiver],
      parameters,
    };
  }
  return {
    result: true,
    phone_number: message.phone,
    template_name: message.template,
    parameteres: parameters,
    contact: { wAid: message.phone, phone: message.phone },
    model: { ids: [message.id] },
    validWhatsAppNumber: true,
  };
}
