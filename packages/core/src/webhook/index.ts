export { StripeReceived, WatiReceived } from "./domain-events.ts";
export { Webhooks, type WebhookRow } from "./entity.ts";
export { markProcessed } from "./mark-processed.ts";
export { receive } from "./receive.ts";
