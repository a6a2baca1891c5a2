export { StripeReceived, WatiReceived } from "./domain-events.ts";
export { Webhooks, type WebhookRow } from "./entity.ts";
export { bodyInvalid, webhookNotFound } from "./errors.ts";
export { get, list } from "./read.ts";
export { receive } from "./receive.ts";
export { replay } from "./replay.ts";
export { settle } from "./settle.ts";
