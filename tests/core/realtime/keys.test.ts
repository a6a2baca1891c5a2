import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { anybody, as, readable, sentBy, system } from "../golden.ts";
import { setClock } from "../../../packages/core/src/context.ts";
import { connect, disconnect } from "../../../packages/core/src/realtime/connect.ts";
import { listEnded } from "../../../packages/core/src/realtime/ended.ts";
import { RealtimeTickets, Subscriptions, Ticks } from "../../../packages/core/src/realtime/entity.ts";
import { countMessage, unsubscribe } from "../../../packages/core/src/realtime/subscribe.ts";
import { openTick, watchersOf } from "../../../packages/core/src/realtime/tick.ts";

const connectionId = "L0SM9cOFvHcCIhw=";
const eventId = "evt_01J8Z3K4M5N6P7Q8R9S0T1V2W3";

beforeEach(() => setClock(() => Date.parse("2026-11-02T09:00:00Z")));
afterEach(() => setClock(undefined));

describe("1. a page", () => {
  it("asks for a ticket", () => {
    const ticket = { ticketHash: "hash", channel: "tickets", expiresAt: "2026-11-02T09:00:30.000Z", ttl: 1_793_610_300 };
    expect(readable(RealtimeTickets.create(ticket).params())).toMatchInlineSnapshot(`
      {
        "ConditionExpression": "attribute_not_exists(pk) AND attribute_not_exists(sk)",
        "Item": {
          "__edb_e__": "realtime-ticket",
          "__edb_v__": "1",
          "channel": "tickets",
          "expiresAt": "2026-11-02T09:00:30.000Z",
          "pk": "REALTIME#hash",
          "sk": "TICKET",
          "ticketHash": "hash",
          "ttl": 1793610300,
        },
      }
    `);
  });

  it("connects with it, once, within 30 seconds", async () => {
    expect(await sentBy(() => as(anybody, () => connect({ connectionId, channel: "tickets", ticket: "rt_1" })))).toMatchInlineSnapshot(`
      [
        {
          "ConditionExpression": "attribute_exists(pk) AND attribute_exists(sk) AND channel = "tickets" AND expiresAt > "2026-11-02T09:00:00.000Z"",
          "Key": {
            "pk": "REALTIME#DHed3fA9cFbhdarn40Mp3eAttH-ry9RcA-fkqGHCrAw",
            "sk": "TICKET",
          },
          "ReturnValues": "ALL_OLD",
        },
        {
          "Item": {
            "__edb_e__": "connection",
            "__edb_v__": "1",
            "channel": "tickets",
            "connectionId": "L0SM9cOFvHcCIhw=",
            "messages": 0,
            "minute": 0,
            "pk": "CONNECTION#L0SM9cOFvHcCIhw=",
            "sk": "CONNECTION",
            "ttl": 1793617200,
          },
        },
      ]
    `);
  });

  it("goes away with everything it watched", async () => {
    expect(await sentBy(() => as(anybody, () => disconnect({ connectionId })))).toMatchInlineSnapshot(`
      [
        {
          "Key": {
            "pk": "CONNECTION#L0SM9cOFvHcCIhw=",
            "sk": "CONNECTION",
          },
          "ReturnValues": "ALL_OLD",
        },
      ]
    `);
  });
});

it("2. a connection sends a message: is it within its 100 a minute?", async () => {
  expect(await sentBy(() => as(anybody, () => countMessage({ connectionId })), [{ Attributes: { channel: "tickets" } }])).toMatchInlineSnapshot(`
    [
      {
        "ConditionExpression": "attribute_exists(pk) AND attribute_exists(sk) AND minute = 29893500 AND messages < 100",
        "Key": {
          "pk": "CONNECTION#L0SM9cOFvHcCIhw=",
          "sk": "CONNECTION",
        },
        "ReturnValues": "ALL_NEW",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        "UpdateExpression": "SET connectionId = "L0SM9cOFvHcCIhw=", __edb_e__ = "connection", __edb_v__ = "1" ADD messages 1",
      },
    ]
  `);
});

describe("3. a page", () => {
  it("subscribes to an event", () => {
    expect(readable(Subscriptions.put({ eventId, shard: "05", connectionId, channel: "tickets", ttl: 1_793_617_200 }).params())).toMatchInlineSnapshot(`
      {
        "Item": {
          "__edb_e__": "subscription",
          "__edb_v__": "1",
          "channel": "tickets",
          "connectionId": "L0SM9cOFvHcCIhw=",
          "eventId": "evt_01J8Z3K4M5N6P7Q8R9S0T1V2W3",
          "pk": "WATCHERS#evt_01J8Z3K4M5N6P7Q8R9S0T1V2W3#05",
          "shard": "05",
          "sk": "L0SM9cOFvHcCIhw=",
          "ttl": 1793617200,
        },
      }
    `);
  });

  it("leaves it again", async () => {
    expect(await sentBy(() => as(anybody, () => unsubscribe({ connectionId, eventId })))).toMatchInlineSnapshot(`
      [
        {
          "Key": {
            "pk": "WATCHERS#evt_01J8Z3K4M5N6P7Q8R9S0T1V2W3#06",
            "sk": "L0SM9cOFvHcCIhw=",
          },
        },
        {
          "ConditionExpression": "attribute_exists(pk) AND attribute_exists(sk)",
          "Key": {
            "pk": "CONNECTION#L0SM9cOFvHcCIhw=",
            "sk": "CONNECTION",
          },
          "UpdateExpression": "SET connectionId = "L0SM9cOFvHcCIhw=", __edb_e__ = "connection", __edb_v__ = "1" DELETE eventIds ["evt_01J8Z3K4M5N6P7Q8R9S0T1V2W3"]",
        },
      ]
    `);
  });
});

it("4. a tick asks who watches an event, shard by shard", async () => {
  const sent = await sentBy(async () => {
    for await (const page of watchersOf(eventId)) expect(page).toEqual([]);
  });
  expect(sent).toHaveLength(8);
  expect(sent[5]).toMatchInlineSnapshot(`
    {
      "KeyConditionExpression": "pk = "WATCHERS#evt_01J8Z3K4M5N6P7Q8R9S0T1V2W3#05"",
      "Limit": 500,
    }
  `);
});

it("5. a change asks to open an event's tick", async () => {
  expect(await sentBy(() => as(system, () => openTick({ eventId })))).toMatchInlineSnapshot(`
    [
      {
        "ConditionExpression": "(attribute_not_exists(endsAt) OR endsAt <= 1793610000000)",
        "Key": {
          "pk": "TICK#evt_01J8Z3K4M5N6P7Q8R9S0T1V2W3",
          "sk": "TICK",
        },
        "UpdateExpression": "SET __edb_e__ = "tick", __edb_v__ = "1", eventId = "evt_01J8Z3K4M5N6P7Q8R9S0T1V2W3", endsAt = 1793610000250",
      },
    ]
  `);
});

it("5. the tick's holder reads the last number", () => {
  expect(readable(Ticks.get({ eventId }).params())).toMatchInlineSnapshot(`
    {
      "Key": {
        "pk": "TICK#evt_01J8Z3K4M5N6P7Q8R9S0T1V2W3",
        "sk": "TICK",
      },
    }
  `);
});

describe("6. a session ends", () => {
  const [userId, sessionId] = ["usr_01J8Z3K4M5N6P7Q8R9S0T1V2W3", "ses_01J8Z3K4M5N6P7Q8R9S0T1V2W3"];

  it("finds the connections of its user", async () => {
    expect(await sentBy(() => as(system, () => listEnded({ userId })))).toMatchInlineSnapshot(`
      [
        {
          "ConsistentRead": true,
          "KeyConditionExpression": "pk = "CONNECTIONS#usr_01J8Z3K4M5N6P7Q8R9S0T1V2W3"",
        },
      ]
    `);
  });

  it("and those that open meanwhile look at the session themselves", async () => {
    const ticket = {
      Attributes: { ticketHash: "hash", channel: "tickets", userId, sessionId, expiresAt: "", ttl: 1, __edb_e__: "realtime-ticket", __edb_v__: "1" },
    };
    const user = {
      Item: {
        userId,
        role: "attendee",
        status: "active",
        accessVersion: 1,
        createdAt: "",
        updatedAt: "",
        version: 1,
        auditHash: "",
        __edb_e__: "user",
        __edb_v__: "1",
      },
    };
    const session = {
      Item: { userId, sessionId, label: "", startedAt: "2026-11-02T08:00:00.000Z", lastSeenAt: "", ttl: 1, __edb_e__: "session", __edb_v__: "1" },
    };
    const sent = await sentBy(() => as(anybody, () => connect({ connectionId, channel: "tickets", ticket: "rt_1" })), [ticket, {}, {}, user, session]);
    expect(sent.slice(2)).toMatchInlineSnapshot(`
      [
        {
          "Item": {
            "__edb_e__": "user-connection",
            "__edb_v__": "1",
            "connectionId": "L0SM9cOFvHcCIhw=",
            "openedAt": "2026-11-02T09:00:00.000Z",
            "pk": "CONNECTIONS#usr_01J8Z3K4M5N6P7Q8R9S0T1V2W3",
            "sessionId": "ses_01J8Z3K4M5N6P7Q8R9S0T1V2W3",
            "sk": "L0SM9cOFvHcCIhw=",
            "ttl": 1793617200,
            "userId": "usr_01J8Z3K4M5N6P7Q8R9S0T1V2W3",
          },
        },
        {
          "ConsistentRead": true,
          "Key": {
            "pk": "USER#usr_01J8Z3K4M5N6P7Q8R9S0T1V2W3",
            "sk": "USER",
          },
        },
        {
          "ConsistentRead": true,
          "Key": {
            "pk": "USER#usr_01J8Z3K4M5N6P7Q8R9S0T1V2W3",
            "sk": "SESSION#ses_01J8Z3K4M5N6P7Q8R9S0T1V2W3",
          },
        },
      ]
    `);
  });
});
