import { actorRef } from "@fashionistas/core/actor";
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
      description: "Any text of your own, once per intended effect: within 24 hours the same call is done once and answered alike.",
      example: "7f1b0f0e-order-1",
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

/** Does the call once per Idempotency-Key of this caller and route; without a key, at every call. */
export function repeatable<T>(c: Context, call: Pick<Idempotency.RepeatableCall<T>, "body" | "newResourceId" | "run" | "repeat">): Promise<T> {
  const key = c.req.header("idempotency-key");
  if (key === undefined) return call.run(call.newResourceId);
  parse(IdempotencyKeyHeader, { "Idempotency-Key": key });
  const { kind, id } = actorRef(context().actor);
  return Idempotency.once({ ...call, key, scope: `${kind}:${id ?? ""}:${c.req.method}:${c.req.path}` });
}
