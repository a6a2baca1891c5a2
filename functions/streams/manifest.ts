/** The two readers of the table's stream: plain data, read by the stacks (event source mappings) and by the local pump. */
export type StreamReader = {
  name: string;
  /** SST handler path from the repository's root. */
  handler: string;
  /** Entities (`__edb_e__`) whose changes it reads. */
  entities: readonly string[];
  /** Only items that were just put, and wait to be published. */
  onlyPending: boolean;
  /** Records a call. Projections wait out a tick of 250 ms with each: the larger, the more changes pass in a second. */
  batchSize: number;
};

export const streamReaders = [
  { name: "outbox", handler: "functions/streams/outbox.handler", entities: ["journal-entry", "webhook"], onlyPending: true, batchSize: 10 },
  { name: "projections", handler: "functions/streams/projections.handler", entities: ["bucket", "event", "ticket-type"], onlyPending: false, batchSize: 1_000 },
] as const satisfies readonly StreamReader[];
