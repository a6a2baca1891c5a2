import { personIn } from "../../../packages/core/src/actor.ts";
import { expect, it } from "vitest";
import { anybody, as, readable, sentBy } from "../golden.ts";
import { Events, StatusHistory, type EventRow } from "../../../packages/core/src/event/entity.ts";
import { find, list } from "../../../packages/core/src/event/read.ts";
import { runningFrom } from "../../../packages/core/src/event/running.ts";
import { changesOf, offering } from "../../../packages/core/src/event/write.ts";

const row: EventRow = {
  ...{ eventId: "evt_1", organizerId: "usr_1", stage: "published", visibility: "public", title: "Notturno", timeZone: "Europe/Rome" },
  ...{ startsAt: "2027-02-24T18:30:00.000Z", endsAt: "2027-02-24T20:00:00.000Z", venue: { name: "Stelline" }, capacity: 400, currency: "EUR" },
  ...{
    offers: [],
    capacityBinds: false,
    capacityGroups: 1,
    capacities: [],
    recordedStatus: "published",
    recordedAt: "2026-11-02T09:00:00.000Z",
    version: 3,
    auditHash: "h",
  },
  ...{ createdAt: "2026-11-02T09:00:00.000Z", updatedAt: "2026-11-02T09:00:00.000Z" },
};
const head = { version: 4, auditHash: "h2", updatedAt: "2026-11-03T09:00:00.000Z" };
const window = { startsAfter: "2027-01-01T00:00:00.000Z", startsBefore: "2027-03-01T00:00:00.000Z" };

it("1. anybody opens an event by id", async () => {
  expect(await sentBy(() => find("evt_1"))).toMatchInlineSnapshot(`
    [
      {
        "ConsistentRead": true,
        "Key": {
          "pk": "EVENT#evt_1",
          "sk": "EVENT",
        },
      },
    ]
  `);
});

it("2. the public lists what is published, by date", async () => {
  expect(await sentBy(() => as(anybody, () => list(window)))).toMatchInlineSnapshot(`
    [
      {
        "IndexName": "gsi1",
        "KeyConditionExpression": "gsi1pk = "EVENTS#public" and gsi1sk BETWEEN "2027-01-01T00:00:00.000Z" AND "2027-03-01T00:00:00.000Z"",
        "Limit": 25,
      },
    ]
  `);
});

it("3. an admin lists all of them, by date", async () => {
  expect(await sentBy(() => as(personIn("admin", "usr_9"), () => list(window)))).toMatchInlineSnapshot(`
    [
      {
        "IndexName": "gsi2",
        "KeyConditionExpression": "gsi2pk = "EVENTS" and gsi2sk BETWEEN "2027-01-01T00:00:00.000Z" AND "2027-03-01T00:00:00.000Z"",
        "Limit": 25,
      },
    ]
  `);
});

it("4. an organizer lists their own, by date", async () => {
  expect(await sentBy(() => as(personIn("organizer", "usr_1"), () => list({ ...window, mine: "true" })))).toMatchInlineSnapshot(`
    [
      {
        "IndexName": "gsi3",
        "KeyConditionExpression": "gsi3pk = "ORGANIZER#usr_1" and gsi3sk BETWEEN "2027-01-01T00:00:00.000Z" AND "2027-03-01T00:00:00.000Z"",
        "Limit": 25,
      },
    ]
  `);
});

it("5. who may see the event reads how its status came about", () => {
  expect(readable(StatusHistory.query.byEvent({ eventId: "evt_1" }).params())).toMatchInlineSnapshot(`
    {
      "KeyConditionExpression": "pk = "EVENT#evt_1" and begins_with(sk, "STATUS#")",
    }
  `);
});

it("6. the clock asks which events can still change by themselves", async () => {
  expect(await sentBy(() => runningFrom(Date.parse("2027-02-24T12:00:00Z")).next())).toMatchInlineSnapshot(`
    [
      {
        "IndexName": "gsi1",
        "KeyConditionExpression": "gsi1pk = "EVENTS#public" and gsi1sk >= "2027-01-25T12:00:00.000Z"",
        "Limit": 100,
      },
    ]
  `);
});

it("a list without bounds sends no empty key value, which AWS refuses", async () => {
  const [query] = await sentBy(() => as(anybody, () => list({})));
  expect(query!["KeyConditionExpression"]).not.toContain('""');
});

it("an event is in every index it is asked for by", () => {
  expect(readable(Events.create(row).params())).toMatchInlineSnapshot(`
    {
      "ConditionExpression": "attribute_not_exists(pk) AND attribute_not_exists(sk)",
      "Item": {
        "__edb_e__": "event",
        "__edb_v__": "1",
        "auditHash": "h",
        "capacities": [],
        "capacity": 400,
        "capacityBinds": false,
        "capacityGroups": 1,
        "createdAt": "2026-11-02T09:00:00.000Z",
        "currency": "EUR",
        "endsAt": "2027-02-24T20:00:00.000Z",
        "eventId": "evt_1",
        "gsi1pk": "EVENTS#public",
        "gsi1sk": "2027-02-24T18:30:00.000Z#evt_1",
        "gsi2pk": "EVENTS",
        "gsi2sk": "2027-02-24T18:30:00.000Z#evt_1",
        "gsi3pk": "ORGANIZER#usr_1",
        "gsi3sk": "2027-02-24T18:30:00.000Z#evt_1",
        "offers": [],
        "organizerId": "usr_1",
        "pk": "EVENT#evt_1",
        "recordedAt": "2026-11-02T09:00:00.000Z",
        "recordedStatus": "published",
        "sk": "EVENT",
        "stage": "published",
        "startsAt": "2027-02-24T18:30:00.000Z",
        "timeZone": "Europe/Rome",
        "title": "Notturno",
        "updatedAt": "2026-11-02T09:00:00.000Z",
        "venue": {
          "name": "Stelline",
        },
        "version": 3,
        "visibility": "public",
      },
    }
  `);
});

it("a change is conditioned on the version and the offers read and moves the event in its indexes", () => {
  const change = { visibility: "public", organizerId: "usr_1", startsAt: "2027-02-25T18:30:00.000Z" } as const;
  expect(readable(changesOf(row, head, change)[0]!.operation.params())).toMatchInlineSnapshot(`
    {
      "ConditionExpression": "attribute_exists(pk) AND attribute_exists(sk) AND version = 3 AND offers = []",
      "Key": {
        "pk": "EVENT#evt_1",
        "sk": "EVENT",
      },
      "UpdateExpression": "SET visibility = "public", organizerId = "usr_1", startsAt = "2027-02-25T18:30:00.000Z", version = 4, auditHash = "h2", updatedAt = "2026-11-03T09:00:00.000Z", gsi1pk = "EVENTS#public", gsi1sk = "2027-02-25T18:30:00.000Z#evt_1", gsi2sk = "2027-02-25T18:30:00.000Z#evt_1", gsi3pk = "ORGANIZER#usr_1", gsi3sk = "2027-02-25T18:30:00.000Z#evt_1", eventId = "evt_1", __edb_e__ = "event", __edb_v__ = "1"",
    }
  `);
});

it("the history of a status is written beside its event", () => {
  const change = { eventId: "evt_1", at: "2026-11-03T09:00:00.000Z", from: "draft", to: "review", n: 100, by: { kind: "organizer", id: "usr_1" } };
  expect(readable(StatusHistory.put(change).params())).toMatchInlineSnapshot(`
    {
      "Item": {
        "__edb_e__": "event-status",
        "__edb_v__": "1",
        "at": "2026-11-03T09:00:00.000Z",
        "by": {
          "id": "usr_1",
          "kind": "organizer",
        },
        "eventId": "evt_1",
        "from": "draft",
        "n": 100,
        "pk": "EVENT#evt_1",
        "sk": "STATUS#2026-11-03T09:00:00.000Z#000100",
        "to": "review",
      },
    }
  `);
});

it("the event's offers change on condition that nobody changed the event", () => {
  const offers = [{ ticketTypeId: "tt_1", quantityTotal: 80, groups: 1, isActive: true }];
  const [only, ...others] = offering(row, offers);
  expect(others).toEqual([]);
  expect(readable(only!.operation.params())).toMatchInlineSnapshot(`
    {
      "ConditionExpression": "attribute_exists(pk) AND attribute_exists(sk) AND version = 3 AND offers = []",
      "Key": {
        "pk": "EVENT#evt_1",
        "sk": "EVENT",
      },
      "UpdateExpression": "SET offers = [{"ticketTypeId":"tt_1","quantityTotal":80,"groups":1,"isActive":true}], eventId = "evt_1", __edb_e__ = "event", __edb_v__ = "1"",
    }
  `);
});

it("an event that offers a type in high demand is written with its copies, and loses them when it offers none", () => {
  const crowded = { ...row, offers: [{ ticketTypeId: "tt_1", quantityTotal: 20_000, groups: 128, isActive: true }] };
  const [, first, ...others] = offering(row, crowded.offers);
  expect(others).toHaveLength(7);
  expect(first!.operation.params()).toMatchObject({ Item: { pk: "COPY#EVENT#evt_1#0", sk: "COPY", row: { eventId: "evt_1", offers: crowded.offers } } });
  const [, gone] = offering(crowded, []);
  expect(gone!.operation.params()).toMatchObject({ Key: { pk: "COPY#EVENT#evt_1#0", sk: "COPY" } });
});
