import { eventDocument, orderLine, purchaseBody, somebody, typeDocument } from "../../kit/shop.ts";
import type { KindName, Thing } from "./things.ts";

/** How an endpoint is called. `uses`: a call that was let in changes its thing so that it cannot be made again. */
export type Call = {
  about?: KindName;
  uses?: true;
  body?: (thing: Thing) => unknown;
  query?: (thing: Thing) => string;
  headers?: () => Record<string, string>;
};

/** What the ids of a path name. */
const KINDS: [RegExp, KindName][] = [
  [/^\/events\/:id/, "event"],
  [/^\/tickets\/:id/, "ticketType"],
  [/^\/orders\/:id/, "order"],
  [/^\/disputes\/:id/, "dispute"],
  [/^\/users\/:id/, "user"],
  [/^\/me\/sessions\/:id/, "session"],
  [/^\/api-keys\/:id/, "apiKey"],
  [/^\/devices\/:id/, "device"],
  [/^\/invitations\/:id/, "invitation"],
  [/^\/erasures\/:id/, "erasure"],
  [/^\/roles\/:id/, "role"],
  [/^\/webhooks\/:id/, "webhook"],
  [/^\/reconciliations\/:id/, "reconciliation"],
];

const { eventId: _, ...replacement } = typeDocument("", { quantityTotal: 1_000 });
const { quantity: __, ...buying } = purchaseBody();
const since = () => ({ since: new Date(Date.now() - 60_000).toISOString() });

/** Endpoints of which more must be known than their path: a valid body, and what it or the query is about. */
const CALLS: Record<string, Call> = {
  "POST /events": { body: () => eventDocument() },
  "PUT /events/:id": { body: () => eventDocument({ title: "Another" }) },
  "DELETE /events/:id": { uses: true },
  "POST /events/:id/status": { uses: true, body: () => ({ status: "cancelled", reason: "Rain" }) },
  "PUT /events/:id/capacities": { body: () => ({ capacities: [] }) },
  "GET /events/:id/cancellation": { about: "cancelledEvent" },
  "POST /tickets": { about: "event", body: ({ id }) => typeDocument(id) },
  "GET /tickets": { about: "event", query: ({ id }) => `eventId=${id}` },
  "PUT /tickets/:id": { body: () => replacement },
  "DELETE /tickets/:id": { uses: true },
  "POST /tickets/:id/purchase": { body: () => purchaseBody() },
  "POST /orders": { about: "ticketType", body: ({ id }) => ({ lines: [orderLine({ id })], ...buying, buyer: somebody() }) },
  "POST /orders/quote": { about: "ticketType", body: ({ id }) => ({ lines: [orderLine({ id })] }) },
  "POST /orders/:id/cancel": { uses: true },
  "POST /orders/:id/pay": { uses: true },
  "POST /orders/:id/extend": { uses: true },
  "POST /orders/:id/refunds": { body: () => ({ amount: 100, reason: "customer_request" }), headers: () => ({ "idempotency-key": crypto.randomUUID() }) },
  "PUT /orders/:id/attendees": { body: () => ({ attendees: [{ ticketNumber: 1, attendee: somebody() }] }) },
  "GET /disputes": { about: "event", query: ({ id }) => `eventId=${id}` },
  "POST /disputes/:id/evidence": { body: () => ({ notes: "They were there." }) },
  "POST /disputes/:id/submit": { uses: true },
  "POST /disputes/:id/accept": { uses: true, body: () => ({ confirm: true }) },
  "PUT /me": { body: () => ({ name: "Anna Rossi" }) },
  "DELETE /me/sessions": { uses: true },
  "DELETE /me/sessions/:id": { uses: true },
  "GET /users": { query: () => "role=organizer" },
  "POST /users/search": { body: () => ({ email: "anna@example.com" }) },
  "PUT /users/:id/role": { uses: true, body: () => ({ role: "sponsor" }) },
  "POST /users/:id/suspend": { uses: true },
  "POST /users/:id/reinstate": { uses: true },
  "DELETE /users/:id/sessions": { uses: true },
  "PUT /roles/:id": { body: () => ({ permissions: { events: "read" } }) },
  "GET /webhooks": { query: () => "vendor=stripe" },
  "POST /webhooks/replay": { body: () => ({ vendor: "stripe", ...since(), externalId: "evt_none" }) },
  "POST /webhooks/recover": { body: since },
  "POST /reconciliations": { body: since },
  "GET /audit-logs": { about: "event", query: ({ id }) => `entityId=${id}` },
  "POST /api-keys": { body: () => ({ name: "Box office", permissions: { events: "read" } }) },
  "GET /api-keys/:id": { uses: true },
  "POST /api-keys/:id/rotate": { uses: true, body: () => ({}) },
  "DELETE /api-keys/:id": { uses: true },
  "POST /devices": { about: "event", body: ({ id }) => ({ eventId: id, name: "North gate" }) },
  "POST /devices/pair": { about: "code", uses: true, body: ({ id }) => ({ code: id }) },
  "GET /devices": { about: "event", query: ({ id }) => `eventId=${id}` },
  "DELETE /devices/:id": { uses: true },
  "GET /grants": { about: "event", query: ({ id }) => `scopeType=event&scopeId=${id}` },
  "POST /grants": { about: "event", body: ({ id, userId }) => ({ userId, role: "designer", scope: { type: "event", id } }) },
  "DELETE /grants": { about: "grant", uses: true, query: ({ id, userId }) => `scopeType=event&scopeId=${id}&userId=${userId}&role=organizer` },
  "POST /events/:id/organizers": { body: ({ userId }) => ({ userId }) },
  "DELETE /events/:id/organizers/:userId": { about: "grant", uses: true },
  "POST /events/:id/invitations": { body: () => ({ email: somebody().email }) },
  "POST /invitations": { about: "event", body: ({ id }) => ({ email: somebody().email, role: "designer", scope: { type: "event", id } }) },
  "POST /invitations/accept": { about: "invitationToken", uses: true, body: ({ id }) => ({ token: id }) },
  "DELETE /invitations/:id": { uses: true },
  "DELETE /me": { uses: true },
  "POST /me/export": { uses: true },
  "PUT /me/consents": { body: () => ({ email: true }) },
  "POST /realtime/tickets": { body: () => ({ channel: "tickets" }) },
};

/** How the endpoint is called. Throws for one that takes a body of which nothing is said here. */
export function callOf({ method, path, body }: { method: string; path: string; body?: unknown }): Call & { about: KindName } {
  const name = `${method.toUpperCase()} ${path}`;
  const call = CALLS[name] ?? {};
  if (body !== undefined && !call.body) throw new Error(`${name}: say in tests/api/matrix/calls.ts what a valid body is`);
  return { about: KINDS.find(([pattern]) => pattern.test(path))?.[1] ?? "nothing", ...call };
}

/** What stands in CALLS and is no endpoint any more. */
export function strangeCalls(names: ReadonlySet<string>): string[] {
  return Object.keys(CALLS).filter((name) => !names.has(name));
}
