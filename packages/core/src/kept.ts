import { keptDaysOfBuyers, keptDaysOfEnquirers } from "./config.ts";

/**
 * How long each class of data about people is kept: the one table. `by` says what ends it: an erasure with its proof, the deletion
 * of its key, or the table's time to live. What is not here names nobody and stays: orders, tickets, money, consents, proofs.
 */
export const KEPT = {
  /** Bookkeeping law asks for ten years after the event; an event is at most a year after its last order. */
  buyers: { days: keptDaysOfBuyers, since: "an order last named them", by: "erasure" },
  enquirers: { days: keptDaysOfEnquirers, since: "the only order that named them was placed, and was never sold", by: "erasure" },
  invited: { days: keptDaysOfEnquirers, since: "they were invited, and named in nothing else", by: "erasure" },
  exports: { days: () => 7, since: "it was asked for", by: "key" },
  sessions: { days: () => 90, since: "it was last used", by: "time to live" },
  /** API keys and devices: people name them. */
  credentials: { days: () => 90, since: "it ended", by: "time to live" },
  webhooks: { days: () => 90, since: "it was received", by: "time to live" },
  idempotency: { days: () => 1, since: "the call was made", by: "time to live" },
} as const satisfies Record<string, { days: () => number; since: string; by: "erasure" | "key" | "time to live" }>;
