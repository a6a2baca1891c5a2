import { callerOf } from "@fashionistas/core/actor";
import { parse } from "@fashionistas/core/capability";
import { context } from "@fashionistas/core/context";
import { defineError } from "@fashionistas/core/error";
import * as Idempotency from "@fashionistas/core/idempotency";
import type { Context } from "hono";
import * as z from "zod";

/** The header as the API documents it. */
export const IdempotencyKeyHeader = z.object({
  "Idempotency-Key": z
    .string()
    .regex(/^[\x21-\x7e]{1,255}$/, "Expected 1 to 255 visible ASCII characters.")
    .optional()
    .meta({
      description:
        "A text of your own, once per intended effect: within 24 hours the same call is done once and answered alike. Without signing in, a random one: at least 20 characters, best a UUID.",
      example: "7f1b0f0e-3f0a-4b7e-9c55-2f6d1f0c9a41",
    }),
});

const keyRequired = defineError("idempotency_key.required", "malformed", "This call needs an Idempotency-Key");

/** For calls that must never be made twice by mistake. @throws idempotency_key.required */
export function requireKey(c: Context): void {
  if (c.req.header("idempotency-key") !== undefined) return;
  throw keyRequired("Send a header Idempotency-Key with a text of your own, the same whenever you repeat this call.", {
    fields: [{ path: "Idempotency-Key", message: "Missing." }],
  });
}

const keyGuessable = defineError("idempotency_key.guessable", "malformed", "This Idempotency-Key could be guessed");
const MIN_SECRET_LENGTH = 20;
const MIN_SECRET_SIGNS = 8;

/**
 * Does the call once per Idempotency-Key of this caller and route; without a key, at every call. Of callers that nobody knows the
 * key is all that tells them apart: it opens the first call's answer, its order's token included, so it must be no counter.
 * @throws idempotency_key.guessable, and what `Idempotency.once` throws
 */
export function repeatable<T>(c: Context, call: Pick<Idempotency.RepeatableCall<T>, "body" | "newResourceId" | "run" | "repeat">): Promise<T> {
  const key = c.req.header("idempotency-key");
  if (key === undefined) return call.run(call.newResourceId);
  parse(IdempotencyKeyHeader, { "Idempotency-Key": key });
  return Idempotency.once({ ...call, key, scope: `${callerName(key)}:${c.req.method}:${c.req.path}` });
}

function callerName(key: string): string {
  const { actor } = context();
  const caller = callerOf(actor);
  if (caller) return `${caller.kind}:${caller.id}`;
  if ("holds" in actor && actor.holds) return `holder:${actor.holds}`;
  if (key.length >= MIN_SECRET_LENGTH && new Set(key).size >= MIN_SECRET_SIGNS) return "public";
  throw keyGuessable("Send a random one, for example a UUID, or sign in: nothing else keeps your answer from somebody else.", {
    fields: [{ path: "Idempotency-Key", message: `Expected at least ${MIN_SECRET_LENGTH} random characters.` }],
  });
}
