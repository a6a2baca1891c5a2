import type { AuditLogView } from "@fashionistas/core/audit-log/schema";
import * as Dispute from "@fashionistas/core/dispute";
import { beforeAll, describe, expect, it } from "vitest";
import { everything, violations } from "../kit/invariants.ts";
import { answered, openApi, refused, type Api } from "./support.ts";

type Page = { items: AuditLogView[]; nextCursor: string | null };

const MISSING = "ord_01J8Z3K4M5N6P7Q8R9S0T1V2W3";

let api: Api;
let admin: string;
let organizer: string;
let organizerId: string;
/** A paid, disputed and partly refunded order, and what it is of. */
let story: { eventId: string; typeId: string; orderId: string; disputeId: string };
beforeAll(async () => {
  api = await openApi();
  ({ admin, organizer } = api.shop);
  const { event, type } = await api.shop.onSale();
  organizerId = (await answered(api.request<{ id: string }>("GET", "/me", { token: organizer }), 200)).id;
  const { order, payment } = await api.shop.buy(type.id, { quantity: 2 });
  await api.world.stripe.pay(payment!.paymentIntentId, "succeed");
  await api.world.settle();
  const refund = { token: organizer, body: { amount: 4_500, reason: "goodwill" }, headers: { "idempotency-key": "refund-of-one" } };
  await answered(api.request("POST", `/orders/${order.id}/refunds`, refund), 201);
  await api.world.settle();
  const { id } = await api.world.stripe.dispute(payment!.paymentIntentId, { kind: "chargeback" });
  await api.world.settle();
  story = { eventId: event.id, typeId: type.id, orderId: order.id, disputeId: Dispute.idOf(id) };
});

const asked = (query: Record<string, string>, token?: string) =>
  api.request<Page>("GET", `/audit-logs?${new URLSearchParams(query).toString()}`, token ? { token } : {});
const list = (query: Record<string, string>, token = admin) => answered(asked(query, token), 200) as Promise<Page>;
const actions = ({ items }: Page) => items.map(({ action }) => action);

describe("GET /audit-logs?entityId=", () => {
  it("tells what happened to an order, newest first, by whom, from where and with which differences", async () => {
    const { items, nextCursor } = await list({ entityId: story.orderId });
    expect(nextCursor).toBeNull();
    expect(items.map(({ seq }) => seq)).toEqual(items.map((_, i) => items.length - i));
    const placed = items.at(-1)!;
    expect(placed).toMatchObject({
      action: "order.place",
      actor: { kind: "public", id: null },
      entityType: "order",
      seq: 1,
      removed: false,
      address: "127.0.0.0/24",
    });
    expect(placed.changes).toContainEqual({ attribute: "amount", before: null, after: 9_000 });
    expect(placed.changes).toContainEqual({
      attribute: "lines",
      before: null,
      after: [{ ticketTypeId: story.typeId, quantity: 2, unitPrice: { amount: 4_500 } }],
    });
    expect(placed.domainEvents).toMatchObject([{ type: "order.held", data: { orderId: story.orderId, eventId: story.eventId } }]);
    const paid = items.find(({ action }) => action === "order.mark_paid")!;
    expect(paid.actor).toEqual({ kind: "system", id: "process-stripe" });
    expect(paid.address, "no request of anybody").toBeNull();
    expect(paid.changes).toContainEqual({ attribute: "status", before: "awaiting_payment", after: "fulfilled" });
    const refund = items.find(({ action }) => action === "order.refund")!;
    expect(refund).toMatchObject({ actor: { kind: "organizer", id: organizerId }, address: "127.0.0.0/24" });
    expect(refund.domainEvents[0]).toMatchObject({ type: "refund.requested", data: { amount: 4_500, currency: "EUR" } });
    for (const [i, { previousHash }] of items.entries()) expect(previousHash).toBe(items[i + 1]?.hash ?? "");
  });

  it("pages without losing or repeating an entry, and with a cursor of this list only", async () => {
    const whole = await list({ entityId: story.orderId });
    const found: AuditLogView[] = [];
    let cursor: string | null = null;
    do {
      const page: Page = await list({ entityId: story.orderId, limit: "2", ...(cursor ? { cursor } : {}) });
      expect(page.items.length).toBeLessThanOrEqual(2);
      found.push(...page.items);
      cursor = page.nextCursor;
    } while (cursor);
    expect(found).toEqual(whole.items);
    const { nextCursor } = await list({ entityId: story.orderId, limit: "2" });
    await refused(asked({ entityId: story.eventId, limit: "2", cursor: nextCursor! }, admin), 400, "input.invalid");
    await refused(asked({ entityId: story.orderId, limit: "2", cursor: nextCursor! }, organizer), 400, "input.invalid");
  });

  it("takes an action, a stretch of time, and who did it, apart and together", async () => {
    const { items } = await list({ entityId: story.orderId });
    const paid = items.find(({ action }) => action === "order.mark_paid")!;
    expect(actions(await list({ entityId: story.orderId, action: "order.mark_paid" }))).toEqual(["order.mark_paid"]);
    expect(await list({ entityId: story.orderId, since: paid.at, until: paid.at })).toMatchObject({ items: [{ seq: paid.seq }] });
    expect(actions(await list({ entityId: story.orderId, until: items.at(-1)!.at }))).toEqual(["order.place"]);
    expect(actions(await list({ entityId: story.orderId, userId: organizerId }))).toEqual(["order.refund"]);
    expect(await list({ entityId: story.orderId, since: paid.at, until: "2020-01-01T00:00:00Z" })).toEqual({ items: [], nextCursor: null });
  });
});

describe("GET /audit-logs?userId=", () => {
  it("tells what somebody did, newest first, whatever it was done to", async () => {
    const { items } = await list({ userId: organizerId, limit: "100" });
    expect(new Set(items.map(({ actor }) => actor.id))).toEqual(new Set([organizerId]));
    const told = actions({ items, nextCursor: null });
    expect(told[0]).toBe("order.refund");
    expect(told).toEqual(expect.arrayContaining(["event.create", "ticket_type.create", "event.change_status", "order.refund"]));
    expect(items.map(({ at }) => at)).toEqual(
      items
        .map(({ at }) => at)
        .sort()
        .reverse(),
    );
    const since = items.find(({ action }) => action === "event.change_status")!.at;
    expect(actions(await list({ userId: organizerId, since }))).not.toContain("event.create");
  });

  it("takes an action, and finds a rare one among many", async () => {
    expect(actions(await list({ userId: organizerId, action: "ticket_type.create", limit: "1" }))).toEqual(["ticket_type.create"]);
    expect(await list({ userId: organizerId, action: "order.cancel" })).toEqual({ items: [], nextCursor: null });
  });

  it("keeps guests and machines out of its index, and knows nothing of somebody who did nothing", async () => {
    const entries = (await everything(api.world)).get("journal-entry")!;
    const indexed = entries.filter((entry) => entry["gsi3pk"] !== undefined).map(({ actor }) => (actor as { kind: string }).kind);
    expect([...new Set(indexed)].sort()).toEqual(["admin", "organizer"]);
    expect(entries.length).toBeGreaterThan(indexed.length);
    expect(await list({ userId: "usr_01J8Z3K4M5N6P7Q8R9S0T1V2W3" })).toEqual({ items: [], nextCursor: null });
  });
});

describe("what admins change about people and roles", () => {
  it("tells which permission a role was given, the first time too", async () => {
    const { permissions } = await answered(api.request<{ permissions: object }>("GET", "/roles/sponsor", { token: admin }), 200);
    await answered(api.request("PUT", "/roles/sponsor", { token: admin, body: { permissions: { ...permissions, events: "write" } } }), 200);
    await answered(api.request("PUT", "/roles/sponsor", { token: admin, body: { permissions } }), 200);
    const { items } = await list({ entityId: "role_sponsor" });
    expect(items.map(({ action, changes }) => [action, changes])).toEqual([
      ["role.replace", [{ attribute: "permissions.events", before: "write", after: "read" }]],
      ["role.replace", [{ attribute: "permissions.events", before: "read", after: "write" }]],
    ]);
  });

  it("tells who was suspended, and by whom", async () => {
    await api.world.tokenOf("model", "suspended-model");
    const { id } = await answered(api.request<{ id: string }>("GET", "/me", { token: await api.world.tokenOf("model", "suspended-model") }), 200);
    await answered(api.request("POST", `/users/${id}/suspend`, { token: admin }), 200);
    const [last] = (await list({ entityId: id })).items;
    expect(last).toMatchObject({ action: "user.suspend", actor: { kind: "admin" }, changes: [{ attribute: "status", before: "active", after: "suspended" }] });
  });
});

describe("who may read it", () => {
  it("asks the public to sign in, and tells those who run no event that they may not", async () => {
    await refused(asked({ entityId: story.orderId }), 401, "actor.unauthenticated");
    for (const role of ["attendee", "sponsor", "designer", "model"] as const)
      await refused(asked({ entityId: story.orderId }, await api.world.tokenOf(role)), 403, "actor.not_allowed");
  });

  it("shows an organizer what belongs to their events, without where people came from", async () => {
    for (const entityId of Object.values(story)) {
      const { items } = await list({ entityId }, organizer);
      expect(items.length, entityId).toBeGreaterThan(0);
      expect(items.map(({ address }) => address)).toEqual(items.map(() => null));
      expect(items.map(({ hash }) => hash)).toEqual((await list({ entityId })).items.map(({ hash }) => hash));
    }
  });

  it("answers of somebody else's things byte for byte as of missing ones", async () => {
    const missing = await api.bytes("GET", `/audit-logs?entityId=${MISSING}`, { token: api.otherOrganizer });
    expect(missing.status).toBe(404);
    for (const entityId of [...Object.values(story), organizerId, "role_organizer"])
      expect(await api.bytes("GET", `/audit-logs?entityId=${entityId}`, { token: api.otherOrganizer }), entityId).toEqual(missing);
    expect(await api.bytes("GET", `/audit-logs?entityId=${story.orderId}&userId=${organizerId}`, { token: api.otherOrganizer })).toEqual(missing);
    await refused(asked({ entityId: MISSING }, admin), 404, "audit_log.not_found");
  });

  it("gives an organizer nobody's doings across events, and says what to give instead", async () => {
    const { errors } = await refused(asked({ userId: organizerId }, organizer), 400, "input.invalid");
    expect(errors).toMatchObject([{ path: "entityId" }]);
  });

  it("still tells an admin of what was removed, and how it ended", async () => {
    const draft = await api.shop.createEvent();
    expect((await api.request("DELETE", `/events/${draft.id}`, { token: organizer })).status).toBe(204);
    const [last] = (await list({ entityId: draft.id })).items;
    expect(last).toMatchObject({ action: "event.remove", removed: true });
    expect(last!.changes).toContainEqual({ attribute: "stage", before: "draft", after: null });
    await refused(asked({ entityId: draft.id }, organizer), 404, "audit_log.not_found");
  });
});

describe("what it is asked", () => {
  it("says which filters there are when none is given, and what is wrong with one", async () => {
    const { detail, errors } = await refused(asked({}, admin), 400, "input.invalid");
    expect(detail).toContain("entityId (what it happened to) or userId (who did it)");
    expect(errors!.map(({ path }) => path)).toEqual(["entityId", "userId"]);
    for (const [name, value] of [
      ["entityId", "x"],
      ["userId", "usr_1 OR 1=1"],
      ["action", "DROP TABLE"],
      ["since", "yesterday"],
      ["limit", "0"],
      ["cursor", "x.y"],
    ] as const) {
      const { errors: wrong } = await refused(asked({ entityId: story.orderId, [name]: value }, admin), 400, "input.invalid");
      expect(wrong!.map(({ path }) => path)).toEqual([name]);
    }
  });

  it("leaves a trail that is what was written, and answers as it is documented", async () => {
    await api.world.settle();
    expect(await violations(api.world)).toEqual([]);
    expect(await api.undocumented()).toEqual([]);
  });
});
