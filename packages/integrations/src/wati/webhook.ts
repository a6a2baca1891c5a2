import { timingSafeEqual } from "node:crypto";
import { required } from "@fashionistas/core/config";
import { isoOfSeconds, SECOND_MS } from "@fashionistas/core/time";
import { bodyInvalid, webhookNotFound } from "@fashionistas/core/webhook";
import * as z from "zod";

/** WATI signs nothing: the path carries a secret instead, compared in constant time. @throws webhook.not_found */
export function checkToken(token: string): void {
  const expected = Buffer.from(required("WATI_WEBHOOK_TOKEN"));
  const given = Buffer.from(token);
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) throw webhookNotFound();
}

const WatiEvent = z.object({
  eventType: z.string().min(1).max(100),
  id: z.string().max(200).nullish(),
  localMessageId: z.string().max(200).nullish(),
  failedCode: z.union([z.string(), z.number()]).nullish(),
  /** Unix seconds in a string; events of a send have `created` (ISO) instead. Both belong to the event, not to its delivery. */
  timestamp: z.union([z.string(), z.number()]).nullish(),
  created: z.string().max(40).nullish(),
});

/** What we keep of an event: ids and codes, no phone, no text. One message has many events under one id. */
export type WatiFact = { externalId: string; type: string; occurredAt?: string; facts: { localMessageId: string; failedCode: string } };

/** Takes an event apart. @throws webhook.body_invalid */
export function readWebhook(rawBody: string): WatiFact {
  const parsed = WatiEvent.safeParse(jsonOf(rawBody));
  if (!parsed.success) throw bodyInvalid("Expected an event with eventType.");
  const { eventType, id, localMessageId, failedCode, timestamp, created } = parsed.data;
  const occurredAt = instantOf(timestamp, created);
  return {
    ...(occurredAt ? { occurredAt } : {}),
    externalId: `${eventType}:${localMessageId ?? id ?? "unknown"}`,
    type: eventType,
    facts: { localMessageId: localMessageId ?? "", failedCode: failedCode == null ? "" : String(failedCode).slice(0, 40) },
  };
}

// Whole seconds: WATI writes the same instant with and without a fraction.
function instantOf(timestamp: string | number | null | undefined, created: string | null | undefined): string | undefined {
  const seconds = timestamp == null || timestamp === "" ? Date.parse(created ?? "") / SECOND_MS : Number(timestamp);
  return seconds > 0 && seconds < 1e11 ? isoOfSeconds(Math.floor(seconds)) : undefined;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
