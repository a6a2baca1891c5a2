import { createHmac } from "node:crypto";
import { Entity } from "electrodb";
import { personHashKey, tableName } from "../config.ts";
import { now } from "../context.ts";
import { client } from "../db/client.ts";
import { SERVICE } from "../db/service.ts";
import { ignoreRefusal, refusedItem } from "../db/transact.ts";
import { defineError, VisibleError } from "../error.ts";
import { DAY_MS, SECOND_MS, secondsOf } from "../time.ts";

/**
 * A call that may be repeated: put first, with the id of what it will create. It keeps no answer and no personal data: the
 * resource itself says whether the call was done, and the answer is rebuilt from it.
 *
 *  1. A call with a key begins, or finds that it began before.      byKey: absent
 */
const Calls = new Entity(
  {
    model: { entity: "idempotent-call", version: "1", service: SERVICE },
    attributes: {
      key: { type: "string", required: true },
      bodyHash: { type: "string", required: true },
      resourceId: { type: "string", required: true },
      lockedUntil: { type: "number", required: true },
      ttl: { type: "number", required: true },
    },
    indexes: {
      byKey: {
        pk: { field: "pk", composite: ["key"], template: "CALL#${key}", casing: "none" },
        sk: { field: "sk", composite: [], template: "CALL", casing: "none" },
      },
    },
  },
  { client, table: tableName() },
);

const LOCK_SECONDS = 30;

const otherBody = defineError("idempotency_key.reused", "unprocessable", "This Idempotency-Key was used for something else");
const stillRunning = defineError("idempotency_key.in_progress", "conflict", "The first call with this Idempotency-Key is still running");

export type RepeatableCall<T> = {
  /** Who calls what: keys of different callers and routes never meet. */
  scope: string;
  key: string;
  body: unknown;
  newResourceId: string;
  /** Does it, creating the resource under this id. */
  run(resourceId: string): Promise<T>;
  /** Rebuilds the answer from the resource; undefined when it does not exist, because the first call died before. */
  repeat(resourceId: string): Promise<T | undefined>;
};

/**
 * Does a call once, however often it is made within 24 hours. A refusal is not remembered: the same key may try again.
 * @throws idempotency_key.reused, idempotency_key.in_progress, and what `run` throws
 */
export async function once<T>(call: RepeatableCall<T>): Promise<T> {
  const key = hash("key", [call.scope, call.key]);
  const bodyHash = hash("body", call.body);
  const nowS = secondsOf(now());
  const record = { key, bodyHash, resourceId: call.newResourceId, lockedUntil: nowS + LOCK_SECONDS, ttl: nowS + DAY_MS / SECOND_MS };
  const standing = await Calls.create(record)
    .go({ params: { ReturnValuesOnConditionCheckFailure: "ALL_OLD" } })
    .then(() => undefined, standingCall);
  const fresh = !standing || standing.ttl <= nowS;
  if (standing && fresh) await Calls.put(record).go();
  if (fresh) return forgettingRefusals(key, () => call.run(record.resourceId));

  if (standing.bodyHash !== bodyHash) throw otherBody("Use a new key for another request.");
  const repeated = await call.repeat(standing.resourceId);
  if (repeated !== undefined) return repeated;
  if (standing.lockedUntil > nowS) throw stillRunning("Ask again in a moment.", { retryAfterSeconds: standing.lockedUntil - nowS });
  await Calls.patch({ key })
    .set({ lockedUntil: record.lockedUntil })
    .where(({ lockedUntil }, { eq }) => eq(lockedUntil, standing.lockedUntil))
    .go()
    .catch((error: unknown) => {
      throw refusedItem(error) ? stillRunning("Ask again in a moment.", { retryAfterSeconds: LOCK_SECONDS }) : error;
    });
  return forgettingRefusals(key, () => call.run(standing.resourceId));
}

function standingCall(error: unknown): { bodyHash: string; resourceId: string; lockedUntil: number; ttl: number } {
  const refused = refusedItem(error);
  if (!refused?.standing) throw error;
  return refused.standing as ReturnType<typeof standingCall>;
}

async function forgettingRefusals<T>(key: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof VisibleError && error.kind !== "unavailable") await Calls.delete({ key }).go().catch(ignoreRefusal);
    throw error;
  }
}

function hash(purpose: string, value: unknown): string {
  return createHmac("sha256", personHashKey())
    .update(`${purpose}:${JSON.stringify(value)}`)
    .digest("base64url");
}
