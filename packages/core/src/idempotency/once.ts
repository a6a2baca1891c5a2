import { createHmac } from "node:crypto";
import { Entity } from "electrodb";
import { personHashKey, tableName } from "../config.ts";
import { now } from "../context.ts";
import { client } from "../db/client.ts";
import { SERVICE } from "../db/service.ts";
import { ignoreRefusal, refusedItem } from "../db/transact.ts";
import { defineError, VisibleError } from "../error.ts";
import { KEPT } from "../kept.ts";
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
  for (;;) {
    const nowS = secondsOf(now());
    const record = {
      key,
      bodyHash,
      resourceId: call.newResourceId,
      lockedUntil: nowS + LOCK_SECONDS,
      ttl: nowS + (KEPT.idempotency.days() * DAY_MS) / SECOND_MS,
    };
    const standing = await Calls.create(record)
      .go({ params: { ReturnValuesOnConditionCheckFailure: "ALL_OLD" } })
      .then(() => undefined, standingCall);
    if (!standing) return first(call, record);
    if (standing.ttl <= nowS) {
      // A day old: as if it had never been. Whoever deletes it first, all begin again.
      await Calls.delete({ key })
        .where(({ ttl }, { eq }) => eq(ttl, standing.ttl))
        .go()
        .catch(ignoreRefusal);
      continue;
    }
    if (standing.bodyHash !== bodyHash) throw otherBody("Use a new key for another request.");
    const repeated = await call.repeat(standing.resourceId);
    if (repeated !== undefined) return repeated;
    if (standing.lockedUntil > nowS) throw stillRunning("Ask again in a moment.", { retryAfterSeconds: standing.lockedUntil - nowS });
    if (await takenOver(standing, record.lockedUntil)) return first(call, { ...record, resourceId: standing.resourceId });
  }
}

type Call = { key: string; bodyHash: string; resourceId: string; lockedUntil: number; ttl: number };

function standingCall(error: unknown): Call {
  const refused = refusedItem(error);
  if (!refused?.standing) throw error;
  return refused.standing as Call;
}

// The first call died before it created anything: one of those who repeat it goes on in its place.
async function takenOver({ key, lockedUntil }: Call, until: number): Promise<boolean> {
  try {
    await Calls.patch({ key })
      .set({ lockedUntil: until })
      .where((row, { eq }) => eq(row.lockedUntil, lockedUntil))
      .go();
    return true;
  } catch (error) {
    if (refusedItem(error)) return false;
    throw error;
  }
}

async function first<T>(call: RepeatableCall<T>, { key, resourceId }: Pick<Call, "key" | "resourceId">): Promise<T> {
  try {
    return await call.run(resourceId);
  } catch (error) {
    if (!(error instanceof VisibleError)) throw error;
    // Refused with something to show for it: the key keeps standing for that.
    if ((await call.repeat(resourceId).catch(() => undefined)) !== undefined) throw error;
    await (error.kind === "unavailable" ? unlock(key, resourceId) : forget(key, resourceId)).catch(ignoreRefusal);
    throw error;
  }
}

// Not now, and nothing was done: the next call goes on under the same id at once.
async function unlock(key: string, resourceId: string): Promise<void> {
  await Calls.patch({ key })
    .set({ lockedUntil: 0 })
    .where((row, { eq }) => eq(row.resourceId, resourceId))
    .go();
}

async function forget(key: string, resourceId: string): Promise<void> {
  await Calls.delete({ key })
    .where((row, { eq }) => eq(row.resourceId, resourceId))
    .go();
}

function hash(purpose: string, value: unknown): string {
  return createHmac("sha256", personHashKey())
    .update(`${purpose}:${JSON.stringify(value)}`)
    .digest("base64url");
}
