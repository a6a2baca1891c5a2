import * as z from "zod";

/** A domain event as a verb states it: what happened, in the past tense. */
export type DomainEvent = { type: string; version: number; data: Record<string, unknown> };

/** A domain event as it travels: on the outbox row and on the bus. Ids only, never names, phones or addresses. */
export const Envelope = z.object({
  id: z.string(),
  type: z.string(),
  version: z.int(),
  source: z.literal("fashionistas"),
  aggregate: z.object({ type: z.string(), id: z.string(), version: z.int() }),
  occurredAt: z.string(),
  correlationId: z.string(),
  causationId: z.string().optional(),
  actor: z.object({ kind: z.string(), id: z.string().optional() }),
  data: z.record(z.string(), z.unknown()),
});
export type Envelope = z.output<typeof Envelope>;

/**
 * Declares a domain event `noun.verb_past` with the schema of its data. Changes are additive only.
 * Call it with the data to state the event; `of(envelope)` reads its data back, checked.
 */
export function defineDomainEvent<const T extends `${string}.${string}`, S extends z.ZodObject>(type: T, version: number, data: S) {
  const state = (value: z.input<S>): DomainEvent => ({ type, version, data: data.parse(value) });
  return Object.assign(state, {
    type,
    version,
    schema: data,
    of(envelope: Envelope): z.output<S> {
      if (envelope.type !== type) throw new Error(`expected ${type}, got ${envelope.type}`);
      return data.parse(envelope.data);
    },
  });
}
