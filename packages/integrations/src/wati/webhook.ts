import { timingSafeEqual } from "node:crypto";
import { required } from "@fashionistas/core/config";
import { meantBy } from "@fashionistas/core/consent";
import type { ConsentState } from "@fashionistas/core/consent/schema";
import { phoneKeyOf } from "@fashionistas/core/person";
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
  /** Of whoever writes to us; absent when WhatsApp keeps their number to itself. */
  waId: z.string().max(100).nullish(),
  text: z.string().nullish(),
});

/** What somebody said about being written to: the state, a keyed hash of their number and when (empty when it is not told). */
type Said = { consent: ConsentState; phoneKey: string; saidAt: string };

/** What we keep of an event: ids and codes, no phone, no text. One message has many events under one id. */
export type WatiFact = { externalId: string; type: string; occurredAt?: string; facts: { localMessageId: string; failedCode: string } & Partial<Said> };

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
    facts: { localMessageId: localMessageId ?? "", failedCode: failedCode == null ? "" : String(failedCode).slice(0, 40), ...saidIn(parsed.data, occurredAt) },
  };
}

// Only a message from somebody; what we sent carries a text, too.
function saidIn({ eventType, text, waId }: z.output<typeof WatiEvent>, occurredAt: string | undefined): Said | undefined {
  const consent = eventType === "message" ? meantBy((text ?? "").slice(0, 100)) : undefined;
  const digits = /^[1-9][0-9]{6,14}$/.exec(waId ?? "")?.[0];
  return consent && { consent, phoneKey: digits ? phoneKeyOf(`+${digits}`) : "", saidAt: occurredAt ?? "" };
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
