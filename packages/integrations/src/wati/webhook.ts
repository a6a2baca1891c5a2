import { timingSafeEqual } from "node:crypto";
import { required } from "@fashionistas/core/config";
import { defineError } from "@fashionistas/core/error";
import * as z from "zod";

const tokenUnknown = defineError("webhook.not_found", "missing", "Not found");
const bodyInvalid = defineError("webhook.body_invalid", "malformed", "Not a webhook of WATI");

/** WATI signs nothing: the path carries a secret instead, compared in constant time. @throws webhook.not_found */
export function checkToken(token: string): void {
  const expected = Buffer.from(required("WATI_WEBHOOK_TOKEN"));
  const given = Buffer.from(token);
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) throw tokenUnknown("There is nothing here.");
}

const WatiEvent = z.object({
  eventType: z.string().min(1).max(100),
  id: z.string().max(200).nullish(),
  localMessageId: z.string().max(200).nullish(),
  failedCode: z.union([z.string(), z.number()]).nullish(),
});

/** What we keep of an event: ids and codes, no phone, no text. One message has many events under one id. */
export type WatiFact = { externalId: string; type: string; facts: { localMessageId: string; failedCode: string } };

/** Takes an event apart. @throws webhook.body_invalid */
export function readWebhook(rawBody: string): WatiFact {
  const parsed = WatiEvent.safeParse(jsonOf(rawBody));
  if (!parsed.success) throw bodyInvalid("Expected an event with eventType.");
  const { eventType, id, localMessageId, failedCode } = parsed.data;
  return {
    externalId: `${eventType}:${localMessageId ?? id ?? "unknown"}`,
    type: eventType,
    facts: { localMessageId: localMessageId ?? "", failedCode: failedCode == null ? "" : String(failedCode).slice(0, 40) },
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
