export { StripeReceived, WatiReceived } from "./domain-events.ts";
export { Webhooks, type WebhookRow } from "./entity.ts";
export { receive } from "./receive.ts";
