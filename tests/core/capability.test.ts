import { describe, expect, it } from "vitest";
import { type Actor, personIn } from "../../packages/core/src/actor.ts";
import { capability, parse } from "../../packages/core/src/capability.ts";
import { context, withContext } from "../../packages/core/src/context.ts";
import { VisibleError } from "../../packages/core/src/error.ts";
import { CreateEvent } from "../../packages/core/src/event/schema.ts";
import { Purchase } from "../../packages/core/src/order/schema.ts";

const event = {
  title: "Atelier Notturno",
  ...{ startsAt: "2027-02-24T18:30:00Z", endsAt: "2027-02-24T20:00:00Z", timeZone: "Europe/Rome", capacity: 400, currency: "EUR" },
  venue: { name: "Palazzo delle Stelline", city: "Milano", country: "IT" },
};

function refusal(work: () => unknown): VisibleError {
  try {
    work();
  } catch (error) {
    if (error instanceof VisibleError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

const pathsOf = ({ extras }: VisibleError) => extras.fields?.map(({ path }) => path);

describe("input that is refused", () => {
  it("is input.invalid, and names each wrong field once with what it should be", () => {
    const error = refusal(() => parse(CreateEvent, { ...event, timeZone: "Rome", capacity: 0, venue: { ...event.venue, country: "Italy" } }));
    expect(error).toMatchObject({ code: "input.invalid", kind: "malformed" });
    expect(pathsOf(error)).toEqual(["timeZone", "venue.country", "capacity"]);
    expect(error.extras.fields).toContainEqual({ path: "venue.country", message: "Expected an ISO 3166-1 alpha-2 code like IT." });
    expect(error.message).toContain("timeZone, venue.country, capacity");
  });

  it("names missing fields", () => {
    const { capacity: _, ...rest } = event;
    expect(pathsOf(refusal(() => parse(CreateEvent, rest)))).toEqual(["capacity"]);
  });

  it("names each unknown field, however deep, and says to remove it", () => {
    const error = refusal(() => parse(CreateEvent, { ...event, colour: "red", venue: { ...event.venue, floor: 2, room: "B" } }));
    expect(pathsOf(error)?.toSorted()).toEqual(["colour", "venue.floor", "venue.room"]);
    expect(new Set(error.extras.fields?.map(({ message }) => message))).toEqual(new Set(["Unknown field: remove it."]));
  });

  it("names the field of a rule between fields", () => {
    expect(pathsOf(refusal(() => parse(CreateEvent, { ...event, endsAt: event.startsAt })))).toEqual(["endsAt"]);
    expect(pathsOf(refusal(() => parse(Purchase, { quantity: 1, buyer: { name: "Anna", email: "anna@example.com" }, whatsappOptIn: true })))).toEqual([
      "buyer.phone",
    ]);
  });

  it("blames no field for the mistake in another", () => {
    expect(pathsOf(refusal(() => parse(CreateEvent, { ...event, startsAt: "soon" })))).toEqual(["startsAt"]);
  });

  it("is called body when it is no object at all", () => {
    const error = refusal(() => parse(CreateEvent, "hello"));
    expect(pathsOf(error)).toEqual([""]);
    expect(error.message).toContain("Check body");
  });

  it("repeats nothing that was sent: it may be personal", () => {
    const error = refusal(() => parse(Purchase, { quantity: "many", buyer: { name: "Anna", email: "anna-at-example", phone: "call me" } }));
    expect(JSON.stringify([error.message, error.extras])).not.toMatch(/anna-at-example|call me|many/);
  });
});

describe("a verb", () => {
  const as = <T>(actor: Actor, work: () => Promise<T>) => withContext({ actor, requestId: "req_1", correlationId: "req_1" }, work);
  const seen: unknown[] = [];
  const verb = capability("event.rehearse", { input: Purchase, allow: ["organizer", "system"] }, async (input, { actor, now }) => {
    seen.push({ input, actor: actor.kind, now, audit: context().audit });
  });
  const purchase = { quantity: 2, buyer: { name: " Anna Rossi ", email: "Anna@Example.com" } };

  it("sends the public to sign in and tells others that they may not, before it reads their input", async () => {
    await expect(as({ kind: "public" }, () => verb({} as never))).rejects.toMatchObject({ code: "actor.unauthenticated" });
    await expect(as(personIn("attendee", "usr_1"), () => verb({} as never))).rejects.toMatchObject({
      code: "actor.not_allowed",
      message: "attendee may not event rehearse.",
    });
    expect(seen).toEqual([]);
  });

  it("refuses wrong input as a rejection, never by throwing at the caller", async () => {
    await expect(as({ kind: "system", name: "test" }, () => verb({} as never))).rejects.toMatchObject({ code: "input.invalid" });
  });

  it("does not run without an actor: there is no default one", async () => {
    await expect(verb(purchase)).rejects.toThrow("no context");
  });

  it("runs with its parsed input, one instant, and an audit draft in its own name", async () => {
    await as({ kind: "system", name: "test" }, () => verb(purchase));
    const [{ now, ...call }] = seen as [{ now: number }];
    expect(call).toEqual({
      input: { quantity: 2, buyer: { name: "Anna Rossi", email: "anna@example.com" }, whatsappOptIn: false },
      actor: "system",
      audit: { action: "event.rehearse", at: new Date(now).toISOString() },
    });
  });
});
