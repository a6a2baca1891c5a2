import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { DAYS, MINUTES, present, SECONDS, travel } from "../kit/clock.ts";
import { violations } from "../kit/invariants.ts";
import { eventDocument } from "../kit/shop.ts";
import { ADMIN, answered, atOnce, openApi, ORGANIZER, refused, tally, type Api } from "./support.ts";

const CLOCK = { kind: "system", id: "clock" };
type Row = { from: string | null; to: string; at: string; reason: string | null; by: { kind: string; id?: string } };

let api: Api;
let shop: Api["shop"];
beforeAll(async () => {
  api = await openApi();
  shop = api.shop;
});
afterEach(() => present());

const move = (id: string, body: unknown, token = shop.organizer) => api.request("POST", `/events/${id}/status`, { token, body });
const publish = async (id: string) => {
  await answered(move(id, { status: "review" }), 200);
  return answered(move(id, { status: "published" }, shop.admin), 200);
};
const history = async (id: string, token: string | undefined = shop.organizer): Promise<Row[]> =>
  (await answered(api.request("GET", `/events/${id}/status-history`, token ? { token } : {}), 200)).items;
const steps = (rows: readonly Row[]) => rows.map(({ from, to }) => `${from} → ${to}`);
const statusOf = async (id: string): Promise<string> => (await answered(api.request("GET", `/events/${id}`, { token: shop.organizer }), 200)).status;
const changes = async (id: string): Promise<string[]> =>
  (await api.journalOf(id))
    .flatMap(({ events }) => events)
    .filter(({ type }) => type === "event.status_changed")
    .map(({ data }) => `${String(data["from"])} → ${String(data["to"])}`);

/** An event on the way to its people, with one type of two seats. */
async function show(event: Record<string, unknown> = {}, type: Record<string, unknown> = {}) {
  const draft = await shop.createEvent(event);
  const created = await shop.createType(draft.id, { quantityTotal: 2, ...type });
  return { event: draft, type: created };
}

describe("people move an event", () => {
  it("from draft over review to published, and who did it when is in the history in the order in which it happened", async () => {
    const draft = await shop.createEvent();
    const review = await answered(move(draft.id, { status: "review" }), 200);
    expect(review).toEqual({ ...draft, status: "review", version: 2, updatedAt: review.updatedAt });
    expect(await answered(move(draft.id, { status: "published" }, shop.admin), 200)).toMatchObject({ status: "published", version: 3 });

    const rows = await history(draft.id);
    expect(rows).toEqual([
      { from: null, to: "draft", at: draft.createdAt, reason: null, by: ORGANIZER },
      { from: "draft", to: "review", at: expect.any(String), reason: null, by: ORGANIZER },
      { from: "review", to: "published", at: expect.any(String), reason: null, by: ADMIN },
    ]);
    expect(rows.map(({ at }) => at)).toEqual(rows.map(({ at }) => at).sort());
    expect(await api.story(draft.id)).toEqual([
      "organizer event.create → event.created",
      "organizer event.change_status → event.status_changed",
      "admin event.change_status → event.status_changed",
    ]);
  });

  it("straight on sale when a ticket type is open at publication, the history telling published before on_sale", async () => {
    const { event } = await show();
    expect(await publish(event.id)).toMatchObject({ status: "on_sale" });
    expect(steps(await history(event.id))).toEqual(["null → draft", "draft → review", "review → published", "published → on_sale"]);
    expect(await changes(event.id)).toEqual(["draft → review", "review → published", "published → on_sale"]);
    expect(await api.story(event.id)).toHaveLength(3);
  });

  it("back to draft with a reason, which the team reads", async () => {
    const draft = await shop.createEvent();
    await answered(move(draft.id, { status: "review" }), 200);
    const problem = await refused(move(draft.id, { status: "draft" }, shop.admin), 422, "event.reason_required", ["reason"]);
    expect(problem.errors![0]!.message).toMatch(/why/i);
    await refused(move(draft.id, { status: "draft", reason: "   " }, shop.admin), 400, "input.invalid", ["reason"]);
    expect(await answered(move(draft.id, { status: "draft", reason: "The venue is missing" }, shop.admin), 200)).toMatchObject({ status: "draft" });
    expect((await history(draft.id)).at(-1)).toMatchObject({ from: "review", to: "draft", reason: "The venue is missing" });
    expect(await publish(draft.id)).toMatchObject({ status: "published" });
  });

  it("out of review only with the permission to publish, but may always cancel their own", async () => {
    const publisher = shop.admin;
    const draft = await shop.createEvent();
    await answered(move(draft.id, { status: "review" }, shop.organizer), 200);
    await refused(move(draft.id, { status: "published" }, shop.organizer), 403, "event.publish_not_allowed");
    await refused(move(draft.id, { status: "draft", reason: "Again" }, shop.organizer), 403, "event.publish_not_allowed");
    expect(await answered(move(draft.id, { status: "published" }, publisher), 200)).toMatchObject({ status: "published" });

    const other = await shop.createEvent();
    await answered(move(other.id, { status: "review" }, shop.organizer), 200);
    expect(await answered(move(other.id, { status: "cancelled", reason: "No money" }, shop.organizer), 200)).toMatchObject({ status: "cancelled" });
  });

  it.each([
    ["draft", []],
    ["review", [{ status: "review" }]],
    ["published", [{ status: "review" }, { status: "published" }]],
  ])("to cancelled from %s, with a reason", async (_name, moves) => {
    const draft = await shop.createEvent();
    for (const body of moves) await answered(move(draft.id, body, shop.admin), 200);
    expect(await answered(move(draft.id, { status: "cancelled", reason: "Rain" }), 200)).toMatchObject({ status: "cancelled" });
    expect((await history(draft.id)).at(-1)).toMatchObject({ to: "cancelled", reason: "Rain", by: ORGANIZER });
    for (const status of ["draft", "review", "published"])
      await refused(move(draft.id, { status, reason: "No" }, shop.admin), 409, "event.invalid_transition", ["status"]);
  });

  it("to cancelled without a word, too", async () => {
    const draft = await shop.createEvent();
    expect(await answered(move(draft.id, { status: "cancelled" }), 200)).toMatchObject({ status: "cancelled" });
  });

  it("to cancelled while it is on sale or running, but never once it is over", async () => {
    const onSale = await shop.onSale();
    expect(await answered(move(onSale.event.id, { status: "cancelled", reason: "Rain" }), 200)).toMatchObject({ status: "cancelled" });
    expect((await history(onSale.event.id)).at(-1)).toMatchObject({ from: "on_sale", to: "cancelled" });
    await refused(shop.purchase(onSale.type.id), 409, "ticket_type.not_on_sale");

    const running = await shop.onSale();
    const over = await shop.onSale();
    travel(30 * DAYS + 10 * MINUTES);
    expect(await statusOf(running.event.id)).toBe("in_progress");
    expect(await answered(move(running.event.id, { status: "cancelled", reason: "Fire alarm" }), 200)).toMatchObject({ status: "cancelled" });
    travel(2 * 60 * MINUTES);
    await refused(move(over.event.id, { status: "cancelled", reason: "Too late" }), 409, "event.invalid_transition", ["status"]);
  });

  it("nowhere else", async () => {
    const draft = await shop.createEvent();
    expect((await refused(move(draft.id, { status: "published" }, shop.admin), 409, "event.invalid_transition", ["status"])).detail).toContain("review");
    await publish(draft.id);
    for (const status of ["draft", "review"])
      await refused(move(draft.id, { status, reason: "Back" }, shop.admin), 409, "event.invalid_transition", ["status"]);
    for (const status of ["on_sale", "sold_out", "in_progress", "completed", "deleted", ""])
      await refused(move(draft.id, { status }, shop.admin), 400, "input.invalid", ["status"]);
    expect(await statusOf(draft.id)).toBe("published");
  });

  it("never to published when it would be over already", async () => {
    const past = new Date(Date.now() - 3 * DAYS);
    const draft = await shop.createEvent({ startsAt: past.toISOString(), endsAt: new Date(past.getTime() + 60 * MINUTES).toISOString() });
    await answered(move(draft.id, { status: "review" }), 200);
    await refused(move(draft.id, { status: "published" }, shop.admin), 409, "event.not_editable", ["endsAt"]);
    await answered(api.request("PUT", `/events/${draft.id}`, { token: shop.organizer, body: eventDocument() }), 200);
    expect(await answered(move(draft.id, { status: "published" }, shop.admin), 200)).toMatchObject({ status: "published" });
  });

  it("once, however often they ask", async () => {
    const { event } = await show();
    await publish(event.id);
    const again = await answered(move(event.id, { status: "published" }, shop.admin), 200);
    expect(again).toMatchObject({ status: "on_sale", version: 3 });
    await answered(move(event.id, { status: "cancelled", reason: "Rain" }), 200);
    await answered(move(event.id, { status: "cancelled", reason: "Rain again" }), 200);
    expect(await changes(event.id)).toEqual(["draft → review", "review → published", "published → on_sale", "on_sale → cancelled"]);
    expect((await history(event.id)).filter(({ to }) => to === "cancelled")).toHaveLength(1);
    await api.story(event.id);
  });

  it("once, when several ask at the same moment", async () => {
    const draft = await shop.createEvent();
    const counts = tally(await atOnce(5, () => move(draft.id, { status: "review" })));
    expect((counts["200"] ?? 0) + (counts["409 request.conflict"] ?? 0), JSON.stringify(counts)).toBe(5);
    expect(counts["200"]).toBeGreaterThan(0);
    expect(await changes(draft.id)).toEqual(["draft → review"]);
    expect(await api.story(draft.id)).toHaveLength(2);
  });

  it("to one of two places when they disagree, and the history has no gap", async () => {
    const draft = await shop.createEvent();
    await answered(move(draft.id, { status: "review" }), 200);
    const answers = await Promise.all([
      move(draft.id, { status: "published" }, shop.admin),
      move(draft.id, { status: "cancelled", reason: "No" }),
      move(draft.id, { status: "draft", reason: "No" }, shop.admin),
    ]);
    expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThan(0);
    const rows = await history(draft.id);
    rows.slice(1).forEach((row, i) => expect(row.from).toBe(rows[i]!.to));
    expect(rows.at(-1)!.to).toBe(await statusOf(draft.id));
    await api.story(draft.id);
  });
});

describe("what the public sees of it", () => {
  it("is every status but draft and review, also of what was cancelled after it had been shown", async () => {
    const draft = await shop.createEvent();
    const open = (id: string) => api.request("GET", `/events/${id}`);
    await refused(open(draft.id), 404, "event.not_found");
    await answered(move(draft.id, { status: "review" }), 200);
    await refused(open(draft.id), 404, "event.not_found");
    await answered(move(draft.id, { status: "published" }, shop.admin), 200);
    expect(await answered(open(draft.id), 200)).toMatchObject({ status: "published" });
    await answered(move(draft.id, { status: "cancelled", reason: "Rain" }), 200);
    expect(await answered(open(draft.id), 200)).toMatchObject({ status: "cancelled" });

    const hidden = await shop.createEvent();
    await answered(move(hidden.id, { status: "cancelled", reason: "Never mind" }), 200);
    await refused(open(hidden.id), 404, "event.not_found");
    await refused(api.request("GET", `/events/${hidden.id}/status-history`), 404, "event.not_found");
    expect(await statusOf(hidden.id)).toBe("cancelled");
  });

  it("does not tell who in the team did what, nor why", async () => {
    const { event } = await show();
    await publish(event.id);
    await answered(move(event.id, { status: "cancelled", reason: "The designer has left us" }), 200);
    const rows = await history(event.id, "");
    expect(rows.map(({ to }) => to).sort()).toEqual(["cancelled", "on_sale", "published"]);
    expect(JSON.stringify(rows)).not.toMatch(/designer|usr_|admin|organizer/);
  });
});

describe("facts move a published event", () => {
  it("through its whole life, every status the same wherever it is read, and each step in the history once with the instant of its fact", async () => {
    const opens = new Date(Date.now() + 1 * DAYS).toISOString();
    const { event, type } = await show({}, { salesStartAt: opens });
    await publish(event.id);
    const seen: string[] = [];
    const is = async (status: string) => {
      await api.world.settle();
      await api.world.runSchedule("record-event-status");
      seen.push(status);
      expect(await statusOf(event.id)).toBe(status);
      expect(await answered(api.request("GET", `/events/${event.id}/availability`), 200)).toMatchObject({ status });
      const { items } = await answered(api.request("GET", `/events?limit=100&status=${status}`), 200);
      expect(items.map(({ id }: { id: string }) => id)).toContain(event.id);
    };

    await is("published");
    travel(1 * DAYS + 1 * SECONDS);
    await is("on_sale");
    const checkout = await shop.buy(type.id, { quantity: 2 });
    await is("sold_out");
    await answered(shop.onOrder(checkout, "cancel"), 200);
    await is("on_sale");
    const paid = await shop.buy(type.id, { quantity: 2 });
    await api.world.stripe.pay(paid.payment!.paymentIntentId, "succeed");
    await is("sold_out");
    travel(29 * DAYS);
    await is("in_progress");
    travel(2 * 60 * MINUTES);
    await is("completed");
    await api.world.runSchedule("record-event-status");

    const rows = await history(event.id);
    expect(steps(rows)).toEqual([
      "null → draft",
      "draft → review",
      "review → published",
      "published → on_sale",
      "on_sale → sold_out",
      "sold_out → on_sale",
      "on_sale → sold_out",
      "sold_out → in_progress",
      "in_progress → completed",
    ]);
    expect(rows[3]).toEqual({ from: "published", to: "on_sale", at: opens, reason: null, by: CLOCK });
    expect(rows[7]).toMatchObject({ at: event.startsAt, by: CLOCK });
    expect(rows[8]).toMatchObject({ at: event.endsAt, by: CLOCK });
    expect(await changes(event.id)).toEqual(steps(rows).slice(1));
    await api.story(event.id);
    expect(await violations(api.world)).toEqual([]);
  });

  it("and what happened between two runs of the schedule is in the history all the same, at its own instant", async () => {
    const { event, type } = await show();
    await publish(event.id);
    const checkout = await shop.buy(type.id, { quantity: 2 });
    await api.world.settle();
    expect(await statusOf(event.id)).toBe("sold_out");
    const soldOutBy = new Date().toISOString();
    await answered(shop.onOrder(checkout, "cancel"), 200);
    await api.world.settle();
    expect(await statusOf(event.id)).toBe("on_sale");
    const backBy = new Date().toISOString();

    travel(5 * MINUTES);
    await api.world.runSchedule("record-event-status");
    const rows = (await history(event.id)).filter(({ from, to }) => from === "sold_out" || to === "sold_out");
    expect(steps(rows)).toEqual(["on_sale → sold_out", "sold_out → on_sale"]);
    expect(rows[0]!.at <= soldOutBy).toBe(true);
    expect(rows[1]!.at <= backBy).toBe(true);
  });

  it("and a history read before the schedule ran tells what the clock has changed already", async () => {
    const { event } = await show();
    await publish(event.id);
    travel(40 * DAYS);
    const tail = (await history(event.id)).slice(-2);
    expect(tail).toEqual([
      { from: "on_sale", to: "in_progress", at: event.startsAt, reason: null, by: CLOCK },
      { from: "in_progress", to: "completed", at: event.endsAt, reason: null, by: CLOCK },
    ]);
    await api.world.runSchedule("record-event-status");
    expect((await history(event.id)).slice(-2)).toEqual(tail);
  });

  it("and the schedule writes every step once, also when it runs twice at the same moment", async () => {
    const { event } = await show();
    await publish(event.id);
    travel(40 * DAYS);
    await atOnce(3, () => api.world.runSchedule("record-event-status"));
    await api.world.runSchedule("record-event-status");
    expect(await changes(event.id)).toEqual([
      "draft → review",
      "review → published",
      "published → on_sale",
      "on_sale → in_progress",
      "in_progress → completed",
    ]);
    expect((await history(event.id)).filter(({ to }) => to === "completed")).toHaveLength(1);
    await api.story(event.id);
  });

  it("back to published when the registration deadline or the sale's end has passed", async () => {
    const deadline = new Date(Date.now() + 3 * DAYS).toISOString();
    const byDeadline = await show({ registrationDeadline: deadline });
    const byEnd = await show({}, { salesEndAt: deadline });
    for (const { event } of [byDeadline, byEnd]) {
      await publish(event.id);
      expect(await statusOf(event.id)).toBe("on_sale");
    }
    travel(3 * DAYS + 1 * SECONDS);
    await api.world.runSchedule("record-event-status");
    for (const { event } of [byDeadline, byEnd]) {
      expect(await statusOf(event.id)).toBe("published");
      expect((await history(event.id)).at(-1)).toEqual({ from: "on_sale", to: "published", at: deadline, reason: null, by: CLOCK });
    }
  });

  it("to sold_out only when no open type has seats, and never by a type that is not offered", async () => {
    const { event, type } = await show();
    const other = await shop.createType(event.id, { name: "Balcony", quantityTotal: 1 });
    await shop.createType(event.id, { name: "Hidden", isActive: false });
    await publish(event.id);
    await shop.buy(type.id, { quantity: 2 });
    await api.world.settle();
    expect(await statusOf(event.id)).toBe("on_sale");
    await shop.buy(other.id);
    await api.world.settle();
    expect(await statusOf(event.id)).toBe("sold_out");
  });

  it("from sold_out back on sale when more seats are offered", async () => {
    const { event, type } = await show();
    await publish(event.id);
    await shop.buy(type.id, { quantity: 2 });
    await api.world.settle();
    expect(await statusOf(event.id)).toBe("sold_out");
    const { eventId, name, kind, basePrice } = type;
    await answered(api.request("PUT", `/tickets/${type.id}`, { token: shop.organizer, body: { eventId, name, kind, basePrice, quantityTotal: 5 } }), 200);
    await api.world.settle();
    expect(await statusOf(event.id)).toBe("on_sale");
  });

  it("to on_sale when a type becomes active, and back to published when it no longer is", async () => {
    const { event, type } = await show({}, { isActive: false });
    await publish(event.id);
    expect(await statusOf(event.id)).toBe("published");
    const { eventId, name, kind, basePrice, quantityTotal } = type;
    const set = (isActive: boolean) =>
      answered(api.request("PUT", `/tickets/${type.id}`, { token: shop.organizer, body: { eventId, name, kind, basePrice, quantityTotal, isActive } }), 200);
    await set(true);
    expect(await statusOf(event.id)).toBe("on_sale");
    await set(false);
    expect(await statusOf(event.id)).toBe("published");
  });
});

it("answers as its documentation says", async () => {
  expect(await api.undocumented()).toEqual([]);
});
