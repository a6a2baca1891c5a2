/** What runs by the clock: plain data, read by the stacks (EventBridge Scheduler) and by the local scheduler. */
export type Schedule = {
  /** kebab-case, unique. */
  name: string;
  /** SST handler path from the repository's root. */
  handler: string;
  everyMinutes: number;
  secrets: readonly string[];
  /** As for consumers: opens or writes personal data. */
  personalData?: true;
  /** Walks through all keys of personal data, without opening one. */
  walksKeys?: true;
  memoryMb: number;
  timeoutSeconds: number;
};

export const schedules = [
  {
    name: "expire-orders",
    handler: "functions/schedules/expire-orders.handler",
    everyMinutes: 1,
    secrets: ["STRIPE_SECRET_KEY", "TICKET_SIGNING_KEY"],
    memoryMb: 512,
    timeoutSeconds: 55,
  },
  {
    name: "sweep-pools",
    handler: "functions/schedules/sweep-pools.handler",
    everyMinutes: 1,
    secrets: [],
    memoryMb: 512,
    timeoutSeconds: 55,
  },
  {
    name: "republish-pending",
    handler: "functions/schedules/republish-pending.handler",
    everyMinutes: 1,
    secrets: [],
    memoryMb: 256,
    timeoutSeconds: 55,
  },
  {
    name: "retry-refunds",
    handler: "functions/schedules/retry-refunds.handler",
    everyMinutes: 5,
    secrets: ["STRIPE_SECRET_KEY"],
    memoryMb: 256,
    timeoutSeconds: 120,
  },
  {
    name: "continue-cancellations",
    handler: "functions/schedules/continue-cancellations.handler",
    everyMinutes: 1,
    secrets: ["STRIPE_SECRET_KEY"],
    memoryMb: 512,
    timeoutSeconds: 55,
  },
  {
    name: "record-event-status",
    handler: "functions/schedules/record-event-status.handler",
    everyMinutes: 1,
    secrets: [],
    memoryMb: 256,
    timeoutSeconds: 55,
  },
  {
    name: "reconcile-hourly",
    handler: "functions/schedules/reconcile-hourly.handler",
    everyMinutes: 60,
    secrets: [],
    memoryMb: 256,
    timeoutSeconds: 30,
  },
  {
    name: "reconcile-daily",
    handler: "functions/schedules/reconcile-daily.handler",
    everyMinutes: 24 * 60,
    secrets: [],
    memoryMb: 256,
    timeoutSeconds: 30,
  },
  {
    name: "resume-reconciliations",
    handler: "functions/schedules/resume-reconciliations.handler",
    everyMinutes: 5,
    secrets: [],
    memoryMb: 256,
    timeoutSeconds: 55,
  },
  {
    name: "continue-erasures",
    handler: "functions/schedules/continue-erasures.handler",
    everyMinutes: 1,
    secrets: [],
    personalData: true,
    memoryMb: 256,
    timeoutSeconds: 55,
  },
  {
    name: "continue-exports",
    handler: "functions/schedules/continue-exports.handler",
    everyMinutes: 5,
    secrets: [],
    personalData: true,
    memoryMb: 256,
    timeoutSeconds: 55,
  },
  {
    name: "review-retention",
    handler: "functions/schedules/review-retention.handler",
    everyMinutes: 60,
    secrets: [],
    walksKeys: true,
    memoryMb: 256,
    timeoutSeconds: 300,
  },
] as const satisfies readonly Schedule[];
