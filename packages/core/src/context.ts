import { AsyncLocalStorage } from "node:async_hooks";
import type { Actor } from "./actor.ts";

/** Who, when and trace. Nothing else travels implicitly. */
export type Context = {
  actor: Actor;
  /** Of this invocation. */
  requestId: string;
  /** Where the request came from, cut down to its network (`address.ts`). For the audit trail: no domain event carries it. */
  address?: string;
  /** Of the whole story, from the first request through every domain event it caused. */
  correlationId: string;
  /** Id of the domain event that caused this invocation. */
  causationId?: string;
  /** Put here by `capability`; `transact` refuses to commit without it. */
  audit?: AuditDraft;
  /** What caused this invocation and waits to be marked as dealt with: the first transaction does it (`db/transact.ts`). */
  settles?: Settlement;
};

/**
 * The mark that a message was dealt with, written together with its effect. Shared by everything the invocation runs:
 * `settled` becomes true once a transaction has carried it.
 */
export type Settlement = { operation(): { params(): Record<string, unknown> }; settled: boolean };

export type AuditDraft = { action: string; at: string };

const storage = new AsyncLocalStorage<Context>();
let clock: () => number = Date.now;

/** Runs `work` as this actor. Every entry kind calls it exactly once. */
export function withContext<T>(context: Context, work: () => Promise<T>): Promise<T> {
  return storage.run(context, work);
}

/** The running context. Throws when an entry forgot to set one: there is no fallback actor. */
export function context(): Context {
  const current = storage.getStore();
  if (!current) throw new Error("no context: wrap the entry in withContext()");
  return current;
}

/** Epoch milliseconds by the clock in force. */
export function now(): number {
  return clock();
}

/** Replaces the clock, for tests that travel in time; undefined brings the real one back. */
export function setClock(replacement: (() => number) | undefined): void {
  clock = replacement ?? Date.now;
}
