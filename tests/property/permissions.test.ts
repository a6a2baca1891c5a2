import { randomUUID } from "node:crypto";
import { LEVELS, PERMISSIONS, ROLES, type Level, type Permission, type Role } from "@fashionistas/core/permission";
import * as User from "@fashionistas/core/user";
import { LOCAL_ISSUER } from "@fashionistas/local/issuer";
import fc from "fast-check";
import { beforeAll, expect, it } from "vitest";
import { answered, openApi, type Api } from "../api/support.ts";
import { Grants } from "../../packages/core/src/grant/entity.ts";
import { BUILT_IN } from "../../packages/core/src/permission.ts";
import { DAYS } from "../kit/clock.ts";
import { eventDocument, typeDocument } from "../kit/shop.ts";

/** Somebody's role, what an admin permits roles now, and what was granted to them: everything that may explain an answer. */
type Standing = { role: Role; tables: Record<Role, Table>; grants: Grant[] };
type Table = Partial<Record<Permission, Level>>;
type Grant = { role: "organizer" | "designer" | "attendee"; on: Place; expired: boolean };
/** Whose event: their own, or one of two that somebody else organizes, still drafts, or on sale. */
type Place = "own" | "other" | "another" | "sale";
const PLACES = ["own", "other", "another", "sale"] as const;

const table: fc.Arbitrary<Table> = fc.record(
  Object.fromEntries(Object.keys(PERMISSIONS).map((name) => [name, fc.constantFrom(...LEVELS)])) as Record<Permission, fc.Arbitrary<Level>>,
);
const standing: fc.Arbitrary<Standing> = fc.record({
  role: fc.oneof({ weight: 2, arbitrary: fc.constant("organizer" as const) }, { weight: 3, arbitrary: fc.constantFrom(...ROLES) }),
  tables: fc.record(Object.fromEntries(ROLES.map((role) => [role, table])) as Record<Role, fc.Arbitrary<Table>>),
  grants: fc.array(
    fc.record({ role: fc.constantFrom("organizer", "organizer", "designer", "attendee"), on: fc.constantFrom(...PLACES), expired: fc.boolean() }),
    {
      maxLength: 3,
    },
  ),
});

type Call = { method: string; path: string; body?: unknown; feature: Permission; level: Level; of: Place | "company" | "a new event"; open?: true };

/** May they: as an admin, in their own role or in one that was granted, as far as that reaches and as its table says? */
function allows({ role, tables, grants }: Standing, { feature, level, of, open }: Call): boolean {
  const permits = (name: Role) => LEVELS.indexOf(tables[name][feature] ?? "none") >= LEVELS.indexOf(level);
  if (open || role === "admin") return true;
  if (of === "company" || !permits("organizer")) return false;
  const granted = grants.some((grant) => grant.role === "organizer" && grant.on === of && !grant.expired);
  return granted || (role === "organizer" && (of === "own" || of === "a new event"));
}

let api: Api;
let others: Record<Exclude<Place, "own">, string>;
let orderId: string;
beforeAll(async () => {
  api = await openApi();
  const { shop, world } = api;
  const { event, type } = await shop.onSale({ quantityTotal: 100 }, { refundPolicy: [{ daysBefore: 0, percent: 100 }] });
  const bought = await shop.buy(type.id, { quantity: 10 });
  await world.stripe.pay(bought.payment!.paymentIntentId, "succeed");
  await world.settle();
  orderId = bought.order.id;
  others = { other: (await shop.createEvent()).id, another: (await shop.createEvent()).id, sale: event.id };
});

function callsOn(of: Place, eventId: string): Call[] {
  const open = of === "sale" ? ({ open: true } as const) : {};
  return [
    { method: "GET", path: `/events/${eventId}`, feature: "events", level: "read", of, ...open },
    { method: "GET", path: `/events/${eventId}/status-history`, feature: "events", level: "read", of, ...open },
    { method: "GET", path: `/tickets?eventId=${eventId}`, feature: "ticket_types", level: "read", of, ...open },
    { method: "GET", path: `/events/${eventId}/capacities`, feature: "events", level: "read", of },
    { method: "PUT", path: `/events/${eventId}/capacities`, body: { capacities: [] }, feature: "events", level: "write", of },
    { method: "POST", path: "/tickets", body: typeDocument(eventId, { quantityTotal: 1 }), feature: "ticket_types", level: "write", of },
    { method: "GET", path: `/events/${eventId}/ledger`, feature: "ledger", level: "read", of },
    { method: "GET", path: `/disputes?eventId=${eventId}`, feature: "disputes", level: "read", of },
    { method: "GET", path: `/audit-logs?entityId=${eventId}`, feature: "audit_logs", level: "read", of },
  ];
}

function callsOnOrder(): Call[] {
  const of = "sale" as const;
  const named = { attendees: [{ ticketNumber: 1, attendee: { name: "Bea Bianchi", email: `${randomUUID()}@example.com` } }] };
  return [
    { method: "GET", path: `/orders/${orderId}`, feature: "orders", level: "read", of },
    { method: "PUT", path: `/orders/${orderId}/attendees`, body: named, feature: "orders", level: "write", of },
    { method: "GET", path: `/orders/${orderId}/refunds`, feature: "refunds", level: "read", of },
    { method: "POST", path: `/orders/${orderId}/refunds`, body: { amount: 1, reason: "customer_request" }, feature: "refunds", level: "write", of },
    { method: "GET", path: `/orders/${orderId}/ledger`, feature: "ledger", level: "read", of },
    { method: "GET", path: `/orders/${orderId}/disputes`, feature: "disputes", level: "read", of },
  ];
}

const OF_THE_COMPANY: Call[] = [
  { method: "POST", path: "/events", body: eventDocument(), feature: "events", level: "write", of: "a new event" },
  { method: "GET", path: "/users?role=admin", feature: "users", level: "read", of: "company" },
  { method: "GET", path: "/roles", feature: "roles", level: "read", of: "company" },
  { method: "GET", path: "/webhooks?vendor=stripe", feature: "webhooks", level: "read", of: "company" },
  { method: "GET", path: "/reconciliations", feature: "reconciliations", level: "read", of: "company" },
];

/** Somebody who once made an event, and stands so now. */
async function somebodyWho({ role, tables, grants }: Standing): Promise<{ token: string; eventId: string }> {
  const subject = randomUUID();
  const userId = User.userIdFor(LOCAL_ISSUER, subject);
  const { admin: token } = api.shop;
  const permit = (name: Role, permissions: Table) => answered(api.request("PUT", `/roles/${name}`, { token, body: { permissions } }), 200);
  await permit("organizer", BUILT_IN.organizer);
  const { id: eventId } = await answered(api.request("POST", "/events", { token: await api.world.tokenOf("organizer", subject), body: eventDocument() }), 201);
  for (const name of ROLES) if (name !== "admin") await permit(name, tables[name]);
  for (const { on, expired, ...grant } of grants) {
    const times = { createdAt: new Date().toISOString(), expiresAt: new Date(Date.now() + (expired ? -DAYS : DAYS)).toISOString() };
    await Grants.put({ userId, ...grant, scopeType: "event", scopeId: on === "own" ? eventId : others[on], grantedBy: {}, ...times }).go();
  }
  const now = await api.world.tokenOf(role, subject);
  User.forget(userId);
  return { token: now, eventId };
}

it("serves nobody but whom a rule lets in, and everybody whom one does, whatever roles permit and whatever was granted", async () => {
  await fc.assert(
    fc.asyncProperty(standing, async (stands) => {
      // Of the same grant the last one written is the one that stands.
      const last = stands.grants.filter((grant, i) => !stands.grants.slice(i + 1).some(({ role, on }) => role === grant.role && on === grant.on));
      const { token, eventId } = await somebodyWho({ ...stands, grants: last });
      const calls = [...PLACES.flatMap((of) => callsOn(of, of === "own" ? eventId : others[of])), ...callsOnOrder(), ...OF_THE_COMPANY];
      for (const call of calls) {
        const { method, path, body } = call;
        const ask = { token, headers: { "idempotency-key": randomUUID() }, ...(body === undefined ? {} : { body }) };
        const { status } = await api.request(method, path, ask);
        const served = status < 300 ? "served" : status === 403 || status === 404 ? "refused" : `${status}`;
        expect(`${method} ${path} ${served}`).toBe(`${method} ${path} ${allows({ ...stands, grants: last }, call) ? "served" : "refused"}`);
      }
    }),
    { numRuns: 25, endOnFailure: true },
  );
}, 120_000);
