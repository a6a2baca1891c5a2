/**
 * Who listens to which domain event: plain data, read by the stacks (one rule, queue, dead-letter queue and Lambda each)
 * and by the local bus. One effect per consumer, so that a retry repeats exactly one thing.
 */
export type Consumer = {
  /** kebab-case, unique: `<domain-event>-<effect>`. */
  name: string;
  /** Domain event types that trigger it, exactly as in `core/<noun>/domain-events.ts`. */
  on: readonly string[];
  /** SST handler path from the repository's root. */
  handler: string;
  /** Environment variables with secrets that this function alone needs. */
  secrets: readonly string[];
  /** Opens or writes personal data: gets the keys table and the key that opens it, and imports personal-data.ts. */
  personalData?: true;
  memoryMb: number;
  timeoutSeconds: number;
  /** Deletes users at the identity provider: it alone gets the user pool's id, and may. */
  forgetsUsers?: true;
  /** Lambdas at once: what the vendor behind it can take. Undefined: the account's pool. */
  maxConcurrency?: number;
  /** Posts to WebSocket connections, or closes them. */
  posts?: true;
};

export const consumers = [
  {
    name: "webhook-received-process-stripe",
    on: ["webhook.stripe_received"],
    handler: "functions/consumers/webhook-received/process-stripe.handler",
    secrets: ["STRIPE_SECRET_KEY", "TICKET_SIGNING_KEY"],
    memoryMb: 512,
    timeoutSeconds: 60,
  },
  {
    name: "webhook-received-process-wati",
    on: ["webhook.wati_received"],
    handler: "functions/consumers/webhook-received/process-wati.handler",
    secrets: [],
    memoryMb: 256,
    timeoutSeconds: 30,
  },
  {
    name: "order-fulfilled-send-whatsapp",
    on: ["order.fulfilled"],
    handler: "functions/consumers/order-fulfilled/send-whatsapp.handler",
    secrets: ["WATI_ACCESS_TOKEN"],
    personalData: true,
    memoryMb: 256,
    timeoutSeconds: 30,
    maxConcurrency: 10,
  },
  {
    name: "order-unfulfillable-send-regret",
    on: ["order.unfulfillable"],
    handler: "functions/consumers/order-unfulfillable/send-regret.handler",
    secrets: ["WATI_ACCESS_TOKEN"],
    personalData: true,
    memoryMb: 256,
    timeoutSeconds: 30,
    maxConcurrency: 10,
  },
  {
    name: "refund-requested-refund-at-stripe",
    on: ["refund.requested"],
    handler: "functions/consumers/refund-requested/refund-at-stripe.handler",
    secrets: ["STRIPE_SECRET_KEY"],
    memoryMb: 256,
    timeoutSeconds: 60,
    // Stripe takes 100 requests a second, of which buyers have the first right.
    maxConcurrency: 5,
  },
  {
    name: "order-tickets-revoked-restock-seats",
    on: ["order.tickets_revoked"],
    handler: "functions/consumers/order-tickets-revoked/restock-seats.handler",
    secrets: [],
    memoryMb: 256,
    timeoutSeconds: 60,
  },
  {
    name: "event-status-changed-start-cancellation",
    on: ["event.status_changed"],
    handler: "functions/consumers/event-status-changed/start-cancellation.handler",
    secrets: [],
    memoryMb: 256,
    timeoutSeconds: 30,
  },
  {
    name: "cancellation-continued-void-orders",
    on: ["cancellation.started", "cancellation.continued"],
    handler: "functions/consumers/cancellation-continued/void-orders.handler",
    secrets: ["STRIPE_SECRET_KEY"],
    memoryMb: 512,
    timeoutSeconds: 60,
  },
  {
    name: "ticket-type-changed-fit-stock",
    on: ["ticket_type.created", "ticket_type.replaced"],
    handler: "functions/consumers/ticket-type-changed/fit-stock.handler",
    secrets: [],
    memoryMb: 256,
    timeoutSeconds: 60,
  },
  {
    name: "event-removed-remove-ticket-types",
    on: ["event.removed"],
    handler: "functions/consumers/event-removed/remove-ticket-types.handler",
    secrets: [],
    memoryMb: 256,
    timeoutSeconds: 60,
  },
  {
    name: "reconciliation-continued-reconcile",
    on: ["reconciliation.started", "reconciliation.continued"],
    handler: "functions/consumers/reconciliation-continued/reconcile.handler",
    secrets: ["STRIPE_SECRET_KEY", "TICKET_SIGNING_KEY"],
    memoryMb: 512,
    timeoutSeconds: 120,
    maxConcurrency: 2,
  },
  {
    name: "session-ended-close-sockets",
    on: ["session.ended", "user.suspended", "erasure.requested"],
    handler: "functions/consumers/session-ended/close-sockets.handler",
    secrets: [],
    memoryMb: 256,
    timeoutSeconds: 10,
    posts: true,
  },
  {
    name: "erasure-continued-erase-people",
    on: ["erasure.requested", "erasure.continued"],
    handler: "functions/consumers/erasure-continued/erase-people.handler",
    secrets: [],
    personalData: true,
    memoryMb: 256,
    timeoutSeconds: 60,
  },
  {
    name: "erasure-finished-forget-at-issuer",
    on: ["erasure.finished"],
    handler: "functions/consumers/erasure-finished/forget-at-issuer.handler",
    secrets: [],
    personalData: true,
    forgetsUsers: true,
    memoryMb: 256,
    timeoutSeconds: 30,
  },
  {
    name: "data-export-continued-collect-data",
    on: ["data_export.requested", "data_export.continued"],
    handler: "functions/consumers/data-export-continued/collect-data.handler",
    secrets: [],
    personalData: true,
    memoryMb: 256,
    timeoutSeconds: 60,
  },
  {
    name: "erasure-finished-close-user",
    on: ["erasure.finished"],
    handler: "functions/consumers/erasure-finished/close-user.handler",
    secrets: [],
    memoryMb: 256,
    timeoutSeconds: 30,
  },
  {
    name: "user-erased-remove-api-keys",
    on: ["user.erased"],
    handler: "functions/consumers/user-erased/remove-api-keys.handler",
    secrets: [],
    memoryMb: 256,
    timeoutSeconds: 30,
  },
  {
    name: "invitation-made-send-whatsapp",
    on: ["invitation.made"],
    handler: "functions/consumers/invitation-made/send-whatsapp.handler",
    secrets: ["WATI_ACCESS_TOKEN", "INVITATION_TOKEN_KEY"],
    personalData: true,
    memoryMb: 256,
    timeoutSeconds: 30,
    maxConcurrency: 10,
  },
  {
    name: "user-contact-verified-adopt-orders",
    on: ["user.contact_verified"],
    handler: "functions/consumers/user-contact-verified/adopt-orders.handler",
    secrets: [],
    memoryMb: 256,
    timeoutSeconds: 60,
  },
  {
    name: "order-fulfilled-adopt-order",
    on: ["order.fulfilled"],
    handler: "functions/consumers/order-fulfilled/adopt-order.handler",
    secrets: [],
    memoryMb: 256,
    timeoutSeconds: 30,
  },
  {
    name: "user-erased-take-grants",
    on: ["user.erased"],
    handler: "functions/consumers/user-erased/take-grants.handler",
    secrets: [],
    memoryMb: 256,
    timeoutSeconds: 30,
  },
] as const satisfies readonly Consumer[];
