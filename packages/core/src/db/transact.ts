import { ConditionalCheckFailedException, TransactionCanceledException, TransactionConflictException } from "@aws-sdk/client-dynamodb";
import { TransactWriteCommand, type TransactWriteCommandInput } from "@aws-sdk/lib-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import { context, now } from "../context.ts";
import type { DomainEvent } from "../domain-event.ts";
import { changedMeanwhile, storageBusy } from "../error.ts";
import { retry } from "../retry.ts";
import { isoOf } from "../time.ts";
import { client } from "./client.ts";
import { JournalEntries, nextEntry, type Head, type Subject } from "./journal.ts";
import { rowAfter, signed, UNSIGNED } from "./own-write.ts";

type Params = Record<string, unknown>;
type Operation = { params(): Params };

/** One write of a transaction, and what its refusal means to the caller (the item as it stood, when there is one). */
export type Write = { operation: Operation; refused?: (standing: Record<string, unknown> | undefined) => Error };

/** Pairs an ElectroDB operation with the error its failed condition stands for; without one it is request.conflict. */
export function write(operation: Operation, refused?: Write["refused"]): Write {
  return refused ? { operation, refused } : { operation };
}

/**
 * Commits a verb: its writes and its journal entry (audit and domain events) in ONE transaction.
 * `writes` receives the head that the subject must store; the subject's own write is conditioned on the version before.
 * The first transaction of an invocation also marks what caused it as dealt with (`Context.settles`): two write units, no call.
 * Conflicts with other transactions are repeated with jitter; nothing else is.
 * @throws what a write's `refused` says, else request.conflict; request.busy when conflicts do not end
 */
export async function transact(subject: Subject, events: readonly DomainEvent[], writes: (head: Head) => readonly Write[]): Promise<Head> {
  // What changes is read off the verb's own write, so that the journal tells what is stored; its hash then goes into that write.
  const unsigned: Head = { version: subject.version + 1, auditHash: UNSIGNED, updatedAt: isoOf(now()) };
  const planned = writes(unsigned).map(prepared);
  const entry = nextEntry(subject, events, unsigned, rowAfter(planned, subject.before));
  for (const { params } of planned) signed(params, entry.hash);
  const own = [...planned, prepared(write(JournalEntries.create(entry) as Operation))];
  const { settles } = context();
  const settling = settles && !settles.settled ? prepared(write(settles.operation())) : undefined;
  const all = settling ? [...own, settling] : own;
  await commit(all)
    // What was to be marked is gone: that must never hold up the effect.
    .catch((error: unknown) => (settling && refusedAt(error) === own.length ? commit(own) : Promise.reject(error)))
    .catch((error: unknown) => {
      throw asTypedError(error, all);
    });
  if (settles && settling) settles.settled = true;
  return { ...unsigned, auditHash: entry.hash };
}

type Prepared = { params: Params; refused?: Write["refused"] };

function prepared({ operation, refused }: Write): Prepared {
  return { params: operation.params(), refused };
}

function commit(all: readonly Prepared[]): Promise<void> {
  const TransactItems = all.map(({ params }) => transactItem(params));
  return retry({ attempts: 8, baseMs: 5, capMs: 250, again: isConflict }, async () => {
    await client.send(new TransactWriteCommand({ TransactItems }));
  });
}

function transactItem(params: Params): NonNullable<TransactWriteCommandInput["TransactItems"]>[number] {
  const old = { ReturnValuesOnConditionCheckFailure: "ALL_OLD" } as const;
  if ("Item" in params) return { Put: { ...(params as { TableName: string; Item: Record<string, unknown> }), ...old } };
  const { ReturnValues: _, ...update } = params;
  if ("UpdateExpression" in update) {
    return { Update: { ...(update as { TableName: string; Key: Record<string, unknown>; UpdateExpression: string }), ...old } };
  }
  return { Delete: { ...(update as { TableName: string; Key: Record<string, unknown> }), ...old } };
}

const PASSING = new Set(["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"]);

/** Did a transaction on the same item, or a throttled one, get in the way? The same write may be repeated. */
export function isConflict(error: unknown): boolean {
  if (causeOf(error) instanceof TransactionConflictException) return true;
  if (!(error instanceof TransactionCanceledException)) return false;
  const codes = (error.CancellationReasons ?? []).map(({ Code }) => Code ?? "None");
  return codes.some((code) => PASSING.has(code)) && !codes.includes("ConditionalCheckFailed");
}

function asTypedError(error: unknown, all: readonly Prepared[]): unknown {
  if (isConflict(error)) return storageBusy("Try again in a moment.", { retryAfterSeconds: 1 });
  if (!(error instanceof TransactionCanceledException)) return error;
  const index = refusedAt(error);
  if (index === undefined) return error;
  const standing = error.CancellationReasons?.[index]?.Item;
  const refused = all[index]?.refused;
  return refused ? refused(standing ? unmarshall(standing) : undefined) : changedMeanwhile("Read it again and repeat your change.");
}

// The first write whose condition failed.
function refusedAt(error: unknown): number | undefined {
  if (!(error instanceof TransactionCanceledException)) return undefined;
  const index = (error.CancellationReasons ?? []).findIndex(({ Code }) => Code === "ConditionalCheckFailed");
  return index < 0 ? undefined : index;
}

/** Did a single write's condition fail? Then `standing` is the item as it is now, when the write asked for it. */
export function refusedItem(error: unknown): { standing: Record<string, unknown> | undefined } | undefined {
  const cause = causeOf(error);
  if (!(cause instanceof ConditionalCheckFailedException)) return undefined;
  return { standing: cause.Item ? unmarshall(cause.Item as Parameters<typeof unmarshall>[0]) : undefined };
}

// ElectroDB wraps the SDK's error and keeps it as `cause`.
function causeOf(error: unknown): unknown {
  return error instanceof Error && error.cause instanceof Error ? causeOf(error.cause) : error;
}

/** Sends a single write that is made once. @returns false when its condition refused it: somebody did it before */
export async function isMade(sending: Promise<unknown>): Promise<boolean> {
  try {
    await sending;
    return true;
  } catch (error) {
    ignoreRefusal(error);
    return false;
  }
}

/** For writes whose refusal means that somebody did it before: swallows that, throws everything else. */
export function ignoreRefusal(error: unknown): void {
  if (!refusedItem(error)) throw error;
}
