import { beforeAll, describe, expect, it } from "vitest";
import { DAYS, present, travel } from "../kit/clock.ts";
import { everything } from "../kit/invariants.ts";
import { eventDocument, typeDocument } from "../kit/shop.ts";
import { ADMIN, answered, atOnce, openApi, ORGANIZER, refused, tally, type Api } from "./support.ts";

let api: Api;
let shop: Api["shop"];
let token: string;
beforeAll(async () => {
  api = await openApi();
  shop = api.shop;
  token = shop.organizer;
});

const create = (body: unknown, headers?: Record<string, string>) => api.request("POST", "/events", { token, body, ...(headers ? { headers } : {}) });
const get = (id: string, as: string | undefined = token) => api.request("GET", `/events/${id}`, as ? { token: as } : {});
const put = (id: string, body: unknown, headers: Record<string, string> = {}) => api.request("PUT", `/events/${id}`, { token, body, headers });
const remove = (id: string, headers: Record<string, string> = {}) => api.request("DELETE", `/events/${id}`, { token, headers });

describe("POST /events", () => {
  it("creates a draft of the caller, says where it is, and tells it once, with its author", async () => {
    const answer = await create(eventDocument({ startsAt: "2027-02-24T19:30:00+01:00", endsAt: "2027-02-24T20:00:00.5Z" }));
    const event = await answered(answer, 201);
    expect(event).toEqual({
      ...eventDocument(),
      id: expect.stringMatching(/^evt_[0-9A-HJKMNP-TV-Z]{26}$/),
      status: "draft",
      startsAt: "2027-02-24T18:30:00.000Z",
      endsAt: "2027-02-24T20:00:00.500Z",
      description: null,
      registrationDeadline: null,
      refundPolicy: null,
      attendeesUntil: null,
      seo: null,
      createdAt: expect.stringMatching(/Z$/),
      updatedAt: expect.stringMatching(/Z$/),
      version: 1,
    });
    expect(answer.headers.get("location")).toBe(`/events/${event.id}`);
    expect(await answered(get(event.id), 200)).toEqual(event);
    expect(await api.story(event.id)).toEqual(["organizer event.create → event.created"]);
    const [entry] = await api.journalOf(event.id);
    expect(entry).toMatchObject({ seq: 1, actor: ORGANIZER, requestId: answer.headers.get("x-request-id") });
    expect(entry!.events[0]).toMatchObject({
      data: { eventId: event.id },
      correlationId: entry!.requestId,
      actor: ORGANIZER,
      aggregate: { type: "event", id: event.id, version: 1 },
    });
  });

  it("keeps everything an event can say, localised where people read it", async () => {
    const document = eventDocument({
      title: { en: "Opening night", "it-IT": "Serata inaugurale" },
      description: "Doors at seven.",
      venue: { name: "Palazzo", address: "Corso Magenta 61", city: "Milano", country: "IT" },
      registrationDeadline: new Date(Date.now() + 20 * DAYS).toISOString(),
      attendeesUntil: new Date(Date.now() + 21 * DAYS).toISOString(),
      seo: {
        title: { en: "Opening" },
        description: "A show",
        keywords: ["haute couture", "milano"],
        imageUrl: "https://example.com/a.jpg",
        slug: "opening-night-2027",
      },
    });
    const event = await answered(create(document), 201);
    expect(event).toMatchObject(document);
    expect(await answered(get(event.id), 200)).toEqual(event);
  });

  it("lets an admin create events, too", async () => {
    const event = await answered(api.request("POST", "/events", { token: shop.admin, body: eventDocument() }), 201);
    expect(await api.journalOf(event.id)).toMatchObject([{ actor: ADMIN }]);
  });

  it("creates another event at every call without an Idempotency-Key, also at the same moment", async () => {
    const body = eventDocument();
    const answers = await atOnce(6, () => create(body));
    expect(tally(answers)).toEqual({ "201": 6 });
    const ids = new Set(answers.map((answer) => answer.body.id as string));
    expect(ids.size).toBe(6);
    for (const id of ids) expect(await api.journalOf(id)).toHaveLength(1);
  });

  it("keeps what people wrote out of domain events and the journal", async () => {
    const event = await answered(
      create(eventDocument({ title: "Zebra velvet", description: "Zebra velvet", venue: { name: "Zebra velvet", city: "Milano", country: "IT" } })),
      201,
    );
    await answered(put(event.id, eventDocument({ title: "Zebra velvet again" })), 200);
    await api.story(event.id);
    expect(JSON.stringify(await api.journalOf(event.id))).not.toMatch(/Zebra/);
  });
});

describe("GET /events/:id", () => {
  it("shows a published event to everybody and a draft to those who manage it", async () => {
    const { event } = await shop.onSale();
    const draft = await shop.createEvent();
    expect(await answered(api.request("GET", `/events/${event.id}`), 200)).toMatchObject({ id: event.id, status: "on_sale" });
    expect(await answered(get(draft.id), 200)).toEqual(draft);
    expect(await answered(get(draft.id, shop.admin), 200)).toEqual(draft);
    await refused(api.request("GET", `/events/${draft.id}`), 404, "event.not_found");
    await refused(get(draft.id, api.otherOrganizer), 404, "event.not_found");
  });

  it("calls whatever cannot be an id a missing event", async () => {
    for (const id of ["evt_01J8Z3K4M5N6P7Q8R9S0T1V2W3", "evt_", "tt_01J8Z3K4M5N6P7Q8R9S0T1V2W3", "evt_01j8z3k4m5n6p7q8r9s0t1v2w3", "a".repeat(3_000)]) {
      await refused(api.request("GET", `/events/${id}`), 404, "event.not_found");
    }
  });
});

describe("PUT /events/:id", () => {
  it("replaces the whole document: what is left out is gone", async () => {
    const event = await answered(
      create(
        eventDocument({
          description: "Old",
          registrationDeadline: new Date(Date.now() + 2 * DAYS).toISOString(),
          attendeesUntil: new Date(Date.now() + 2 * DAYS).toISOString(),
          seo: { slug: "old" },
        }),
      ),
      201,
    );
    const body = eventDocument({ title: "New title", capacity: 900, timeZone: "Asia/Tokyo", currency: "JPY" });
    const replaced = await answered(put(event.id, body), 200);
    expect(replaced).toEqual({
      ...event,
      ...body,
      description: null,
      registrationDeadline: null,
      attendeesUntil: null,
      seo: null,
      version: 2,
      updatedAt: replaced.updatedAt,
    });
    expect(replaced.updatedAt >= event.updatedAt).toBe(true);
    expect(await answered(get(event.id), 200)).toEqual(replaced);
    expect(await api.story(event.id)).toEqual(["organizer event.create → event.created", "organizer event.replace → event.replaced"]);
  });

  it("may be repeated: the document stays the same", async () => {
    const event = await shop.createEvent();
    const body = eventDocument({ title: "Twice" });
    const first = await answered(put(event.id, body), 200);
    const second = await answered(put(event.id, body), 200);
    expect(second).toEqual({ ...first, version: first.version + 1, updatedAt: second.updatedAt });
  });

  it("lets no change overwrite another one unseen when several come at once", async () => {
    const event = await shop.createEvent();
    const answers = await atOnce(6, (n) => put(event.id, eventDocument({ title: `Title ${n}` })));
    const counts = tally(answers);
    const done = counts["200"] ?? 0;
    expect(done + (counts["409 request.conflict"] ?? 0), JSON.stringify(counts)).toBe(6);
    expect(done).toBeGreaterThan(0);
    const standing = await answered(get(event.id), 200);
    expect(standing.version).toBe(1 + done);
    expect(answers.filter(({ status }) => status === 200).map(({ body }) => body.title)).toContain(standing.title);
    expect(await api.story(event.id)).toEqual([
      "organizer event.create → event.created",
      ...Array.from({ length: done }, () => "organizer event.replace → event.replaced"),
    ]);
  });

  it("moves the event in the lists when its date changes", async () => {
    const event = await shop.createEvent();
    const startsAt = "2031-05-05T18:00:00.000Z";
    await answered(put(event.id, eventDocument({ startsAt, endsAt: "2031-05-05T20:00:00.000Z" })), 200);
    const { items } = await answered(api.request("GET", "/events?mine=true&startsAfter=2031-01-01T00:00:00Z", { token }), 200);
    expect(items.map(({ id }: { id: string }) => id)).toEqual([event.id]);
    const before = await answered(api.request("GET", "/events?mine=true&limit=100&startsBefore=2031-01-01T00:00:00Z", { token }), 200);
    expect(before.items.map(({ id }: { id: string }) => id)).not.toContain(event.id);
  });

  it("leaves a cancelled and a completed event as they are", async () => {
    const draft = await shop.createEvent();
    await answered(api.request("POST", `/events/${draft.id}/status`, { token, body: { status: "cancelled", reason: "Rain" } }), 200);
    await refused(put(draft.id, eventDocument()), 409, "event.not_editable");

    const { event } = await shop.onSale();
    travel(31 * DAYS);
    await refused(put(event.id, eventDocument()), 409, "event.not_editable");
    present();
  });

  it("keeps the currency that ticket types are priced in", async () => {
    const event = await shop.createEvent();
    const type = await shop.createType(event.id);
    await refused(put(event.id, eventDocument({ currency: "USD" })), 409, "event.currency_in_use", ["currency"]);
    await answered(api.request("DELETE", `/tickets/${type.id}`, { token }), 204);
    expect(await answered(put(event.id, eventDocument({ currency: "USD" })), 200)).toMatchObject({ currency: "USD" });
  });

  it("never lets the room of a published event become smaller than what is offered", async () => {
    const { event } = await shop.onSale({ quantityTotal: 30 }, { capacity: 100 });
    const problem = await refused(put(event.id, eventDocument({ capacity: 29 })), 409, "event.capacity_too_small", ["capacity"]);
    expect(problem.errors![0]!.message).toContain("30");
    expect(await answered(put(event.id, eventDocument({ capacity: 30 })), 200)).toMatchObject({ capacity: 30 });
    expect(await answered(put(event.id, eventDocument({ capacity: 500 })), 200)).toMatchObject({ capacity: 500 });
  });

  it("lets the room of a published event that decides what is left become what it shall be", async () => {
    const { event } = await shop.onSale({ quantityTotal: 30 }, { capacity: 10 });
    for (const capacity of [9, 40, 10]) expect(await answered(put(event.id, eventDocument({ capacity })), 200)).toMatchObject({ capacity });
  });

  it("lets a draft's room become whatever it shall be", async () => {
    const draft = await shop.createEvent({ capacity: 100 });
    await shop.createType(draft.id, { quantityTotal: 80 });
    expect(await answered(put(draft.id, eventDocument({ capacity: 5 })), 200)).toMatchObject({ capacity: 5 });
  });

  it("keeps its ticket types and its status", async () => {
    const { event, type } = await shop.onSale();
    expect(await answered(put(event.id, eventDocument({ title: "Renamed" })), 200)).toMatchObject({ status: "on_sale", title: "Renamed" });
    expect(await shop.available(type.id)).toBe(10);
    await answered(shop.purchase(type.id), 201);
  });
});

describe("DELETE /events/:id", () => {
  it("takes a draft and its ticket types away at once, and clears their stock in the end", async () => {
    const draft = await shop.createEvent();
    const types = [await shop.createType(draft.id, { quantityTotal: 40 }), await shop.createType(draft.id, { name: "Balcony" })];
    const answer = await remove(draft.id);
    expect(await answered(answer, 204)).toBe("");
    await refused(get(draft.id), 404, "event.not_found");
    for (const type of types) await refused(api.request("GET", `/tickets/${type.id}`, { token }), 404, "ticket_type.not_found");
    await refused(api.request("GET", `/tickets?eventId=${draft.id}`, { token }), 404, "event.not_found");
    const { items } = await answered(api.request("GET", "/events?mine=true&limit=100", { token }), 200);
    expect(items.map(({ id }: { id: string }) => id)).not.toContain(draft.id);

    expect(await api.story(draft.id)).toEqual(["organizer event.create → event.created", "organizer event.remove → event.removed"]);
    const rows = await everything(api.world);
    expect((rows.get("ticket-type") ?? []).filter(({ eventId }) => eventId === draft.id)).toEqual([]);
    expect((rows.get("bucket") ?? []).filter(({ v }) => v === draft.id)).toEqual([]);
  });

  it("finds nothing the second time", async () => {
    const draft = await shop.createEvent();
    await answered(remove(draft.id), 204);
    await refused(remove(draft.id), 404, "event.not_found");
  });

  it("is done once when several ask at the same moment", async () => {
    const draft = await shop.createEvent();
    const counts = tally(await atOnce(5, () => remove(draft.id)));
    expect(counts["204"], JSON.stringify(counts)).toBe(1);
    expect((counts["404 event.not_found"] ?? 0) + (counts["409 request.conflict"] ?? 0), JSON.stringify(counts)).toBe(4);
    expect(await api.story(draft.id)).toEqual(["organizer event.create → event.created", "organizer event.remove → event.removed"]);
  });

  it("leaves no ticket type behind that was offered while it was deleted", async () => {
    const draft = await shop.createEvent();
    const offers = atOnce(3, () => api.request("POST", "/tickets", { token, body: typeDocument(draft.id) }));
    await Promise.all([offers, remove(draft.id)]);
    const gone = (await get(draft.id)).status === 404;
    if (!gone) await answered(remove(draft.id), 204);
    await api.world.settle();
    const rows = await everything(api.world);
    expect((rows.get("ticket-type") ?? []).filter(({ eventId }) => eventId === draft.id)).toEqual([]);
    expect((rows.get("bucket") ?? []).filter(({ v }) => v === draft.id)).toEqual([]);
  });

  it("leaves no message that a consumer can never work off", async () => {
    const draft = await shop.createEvent();
    const type = await shop.createType(draft.id);
    await answered(remove(draft.id), 204);
    expect(await api.stuck(type.id)).toEqual([]);
  });

  it("is for drafts alone: whatever has been shown to somebody keeps its history", async () => {
    const move = (id: string, body: unknown) => answered(api.request("POST", `/events/${id}/status`, { token: shop.admin, body }), 200);
    const event = await shop.createEvent();
    await move(event.id, { status: "review" });
    await refused(remove(event.id), 409, "event.has_orders");
    await move(event.id, { status: "published" });
    await refused(remove(event.id), 409, "event.has_orders");
    await move(event.id, { status: "cancelled", reason: "Rain" });
    await refused(remove(event.id), 409, "event.has_orders");
    expect(await answered(get(event.id), 200)).toMatchObject({ status: "cancelled" });
  });
});

it("answers as its documentation says", async () => {
  expect(await api.undocumented()).toEqual([]);
});
