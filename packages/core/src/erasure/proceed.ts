import { createHash } from "node:crypto";
import * as z from "zod";
import { canonicalJson } from "../canonical.ts";
import { capability } from "../capability.ts";
import * as DataExport from "../data-export/index.ts";
import * as DataKey from "../data-key/index.ts";
import { created } from "../db/journal.ts";
import { transact, write } from "../db/transact.ts";
import { isChangedMeanwhile } from "../error.ts";
import { ErasureIdSchema, type UserId } from "../id.ts";
import { inTurns } from "../in-turns.ts";
import * as Order from "../order/index.ts";
import * as Person from "../person/index.ts";
import { isoOf } from "../time.ts";
import * as User from "../user/index.ts";
import { ErasureContinued, ErasureFinished } from "./domain-events.ts";
import { ErasedPeople, type ErasedPersonRow, type ErasureRow } from "./entity.ts";
import { find, listErased } from "./read.ts";
import { changeOf, dueIn, STALLED_MINUTES, subjectOf, WAITING_MINUTES } from "./write.ts";

/** People of one slice, and transactions at the same time. */
const SLICE = 25;
const AT_ONCE = 5;
const ROUNDS = 2;

const ProceedErasure = z.strictObject({
  erasureId: ErasureIdSchema,
  /** Only this slice: whoever finished it before has moved the job on. */
  step: z.int().optional(),
});

/** Does the next slice of an erasure, whatever was done of it before. */
export const proceed = capability("erasure.proceed", { input: ProceedErasure, allow: ["system", "schedule"] }, async ({ erasureId, step }, { now }) => {
  const job = await find(erasureId);
  if (!job || job.phase === "done" || (step !== undefined && step !== job.step)) return;
  // A copy of everything they asked for goes first; a slice of it that is on its way finds no key to seal with.
  if (job.userId && job.phase === "people") await DataExport.drop({ userId: job.userId as UserId });
  const slice = await sliceOf(job);
  await inTurns(slice.people, AT_ONCE, (person) => erase(job, person));
  // Who was named by an order that committed meanwhile conflicts, and is met again.
  await (slice.next === "done" ? finish(job, isoOf(now)) : goOn(job, slice, now)).catch((error: unknown) => {
    if (!isChangedMeanwhile(error)) throw error;
  });
});

type Slice = { people: Person.PersonRow[]; next: ErasureRow["phase"]; cursor?: string | undefined; round: number };

/** Who is erased now, and where the walk goes on. */
async function sliceOf(job: ErasureRow): Promise<Slice> {
  const { round, userId } = job;
  if (job.phase === "waiting") return { people: [], next: "people", round: round + 1 };
  if (job.phase === "people") {
    const found = await standingOf(job, [...(job.personIds ?? []), ...(await Person.listByKeys(job))]);
    return found.length > SLICE ? { people: found.slice(0, SLICE), next: "people", round } : { people: found, next: "orders", round };
  }
  const page = userId ? await Order.pageOfBuyer(userId, SLICE, job.cursor) : { orders: [], cursor: null };
  const people = await standingOf(
    job,
    page.orders.map(({ personId }) => personId),
  );
  if (page.cursor) return { people, next: "orders", cursor: page.cursor, round };
  return { people, next: round < ROUNDS ? "waiting" : "done", round };
}

/** Those who are this job's to erase and are not yet. Who came after the request gave their words anew, and keeps them. */
async function standingOf({ requestedAt, userId }: ErasureRow, personIds: readonly string[]): Promise<Person.PersonRow[]> {
  const ids = [...new Set(personIds)];
  const batches = Array.from({ length: Math.ceil(ids.length / 100) }, (_, n) => ids.slice(n * 100, (n + 1) * 100));
  const rows = (await inTurns(batches, 1, Person.listStanding)).flat();
  const standing = rows.filter(({ erasedAt, createdAt }) => !erasedAt && createdAt <= requestedAt);
  const others = await inTurns(standing, AT_ONCE, (person) => User.isOfAnother(person, userId));
  return standing.filter((_, i) => !others[i]);
}

/** ONE transaction: their key is gone, their record is a tombstone, and the proof has them. Somebody who did it before did it. */
async function erase({ erasureId }: ErasureRow, { personId }: Person.PersonRow): Promise<void> {
  const hadKey = await DataKey.isKept(personId);
  await transact(created("person", personId), [Person.PersonErased({ personId, erasureId })], (head) => [
    write(Person.erasing(personId, erasureId, head)),
    write(DataKey.forgetting(personId)),
    write(ErasedPeople.create({ erasureId, personId, hadKey, at: head.updatedAt })),
  ]).catch((error: unknown) => {
    if (!isChangedMeanwhile(error)) throw error;
  });
}

async function goOn(job: ErasureRow, { next, cursor, round }: Slice, now: number): Promise<void> {
  const waits = next === "waiting";
  const step = job.step + 1;
  const after = { phase: next, step, round, ...(cursor ? { cursor } : {}), ...dueIn(now, waits ? WAITING_MINUTES : STALLED_MINUTES) };
  await transact(subjectOf(job), waits ? [] : [ErasureContinued({ erasureId: job.erasureId, step })], (head) => [
    write(changeOf(job, head, after, cursor ? [] : ["cursor"])),
  ]);
}

async function finish(job: ErasureRow, at: string): Promise<void> {
  const { erasureId, userId } = job;
  const erased = await listErased(erasureId);
  const proof = { people: erased.length, keys: erased.filter(({ hadKey }) => hadKey).length, digest: digestOf({ ...job, finishedAt: at }, erased) };
  const after = { phase: "done" as const, step: job.step + 1, finishedAt: at, ...proof };
  await transact(subjectOf(job), [ErasureFinished({ erasureId, people: erased.length, ...(userId ? { userId } : {}) })], (head) => [
    write(changeOf(job, head, after, ["cursor", "list", "dueAt", "personIds", "emailKey", "phoneKey"])),
  ]);
}

/** What a proof comes down to: who asked, when, and who was erased when. */
export function digestOf({ erasureId, userId, askedBy, requestedAt, finishedAt }: ErasureRow, erased: readonly ErasedPersonRow[]): string {
  const people = erased.map(({ personId, at }) => [personId, at]);
  const words = canonicalJson([erasureId, userId ?? null, askedBy, requestedAt, finishedAt, people]);
  return createHash("sha256").update(words).digest("base64url");
}
