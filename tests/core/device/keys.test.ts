import { expect, it } from "vitest";
import { anybody, as, readable, sentBy } from "../golden.ts";
import { personIn } from "../../../packages/core/src/actor.ts";
import { setChance } from "../../../packages/core/src/chance.ts";
import { setClock } from "../../../packages/core/src/context.ts";
import { create } from "../../../packages/core/src/device/create.ts";
import { Devices } from "../../../packages/core/src/device/entity.ts";
import { pair } from "../../../packages/core/src/device/pair.ts";
import { find, list, noteUse } from "../../../packages/core/src/device/read.ts";

const admin = personIn("admin", "usr_1");
const AT = Date.parse("2026-11-02T09:00:00Z");
const event = {
  eventId: "evt_01J8Z3K4M5N6P7Q8R9S0T1V2W3",
  organizerId: "usr_2",
  offers: [],
  endsAt: "2027-02-24T22:00:00.000Z",
  __edb_e__: "event",
  __edb_v__: "1",
};
const row = {
  ...{ deviceId: "dvc_1", eventId: "evt_1", name: "North gate", checkInListIds: [], validUntil: "2027-02-25T22:00:00.000Z", seed: "s" },
  ...{ codeUntil: "2026-11-02T09:10:00.000Z", createdAt: "2026-11-02T09:00:00.000Z", updatedAt: "2026-11-02T09:00:00.000Z" },
  ...{ version: 1, auditHash: "h", ttl: 1 },
};
const stored = (fields: object) => ({ Item: { ...fields, __edb_e__: "device", __edb_v__: "1" } });

type Transaction = { TransactItems: Record<string, Record<string, unknown>>[] };

it("1. a call that brings a device's key opens it by its public part", async () => {
  expect(await sentBy(() => find("dvc_1"))).toMatchInlineSnapshot(`
    [
      {
        "ConsistentRead": true,
        "Key": {
          "pk": "DEVICE#dvc_1",
          "sk": "DEVICE",
        },
      },
    ]
  `);
});

it("1. that it is there is noted on it alone", async () => {
  expect(await sentBy(() => noteUse(row, Date.parse("2026-11-02T10:00:00Z")))).toMatchInlineSnapshot(`
    [
      {
        "ConditionExpression": "attribute_exists(pk) AND attribute_exists(sk)",
        "Key": {
          "pk": "DEVICE#dvc_1",
          "sk": "DEVICE",
        },
        "UpdateExpression": "SET lastSeenAt = "2026-11-02T10:00:00.000Z", deviceId = "dvc_1", __edb_e__ = "device", __edb_v__ = "1"",
      },
    ]
  `);
});

it("2. whoever manages an event lists its devices", async () => {
  const [, query] = await sentBy(() => as(admin, () => list({ eventId: event.eventId })), [{ Item: event }]);
  expect(query).toMatchInlineSnapshot(`
    {
      "IndexName": "gsi1",
      "KeyConditionExpression": "gsi1pk = "DEVICES#evt_01J8Z3K4M5N6P7Q8R9S0T1V2W3"",
      "Limit": 25,
    }
  `);
  const { Item } = Devices.create(row).params() as { Item: Record<string, unknown> };
  expect(Object.fromEntries(Object.entries(Item).filter(([name]) => /^(gsi\d)?[ps]k$/.test(name)))).toMatchInlineSnapshot(`
    {
      "gsi1pk": "DEVICES#evt_1",
      "gsi1sk": "2026-11-02T09:00:00.000Z#dvc_1",
      "pk": "DEVICE#dvc_1",
      "sk": "DEVICE",
    }
  `);
});

it("3. a code is given out while no other device waits with it", async () => {
  setClock(() => AT);
  setChance(() => 0.5);
  const document = { deviceId: "dvc_01J8Z3K4M5N6P7Q8R9S0T1V2W3", eventId: event.eventId, name: "North gate" };
  const sent = await sentBy(() => as(admin, () => create(document)), [{ Item: event }]).finally(() => {
    setClock(undefined);
    setChance(undefined);
  });
  const { TransactItems } = sent.at(-1) as Transaction;
  const [, pairing] = TransactItems.map((item) => readable(Object.values(item)[0]!));
  expect(pairing).toMatchInlineSnapshot(`
    {
      "ConditionExpression": "(attribute_not_exists(expiresAt) OR expiresAt <= "2026-11-02T09:00:00.000Z")",
      "Item": {
        "__edb_e__": "pairing",
        "__edb_v__": "1",
        "codeHash": "2uIpajefY5QIk2lRqXbO8nPA3KC-vYGEeimDNGqT2Po",
        "deviceId": "dvc_01J8Z3K4M5N6P7Q8R9S0T1V2W3",
        "expiresAt": "2026-11-02T09:10:00.000Z",
        "pk": "PAIRING#2uIpajefY5QIk2lRqXbO8nPA3KC-vYGEeimDNGqT2Po",
        "sk": "PAIRING",
        "ttl": 1793610600,
      },
      "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
  `);
});

it("3. a device that is to be paired uses its code up", async () => {
  setClock(() => AT);
  const pairing = { codeHash: "c", deviceId: "dvc_1", expiresAt: "2026-11-02T09:10:00.000Z", ttl: 1, __edb_e__: "pairing", __edb_v__: "1" };
  const sent = await sentBy(() => as(anybody, () => pair({ code: "7kqx 2m9d" })), [{ Item: pairing }, stored(row)]).finally(() => setClock(undefined));
  const [opened, device, { TransactItems }] = sent as [unknown, unknown, Transaction];
  expect([opened, device]).toMatchInlineSnapshot(`
    [
      {
        "ConsistentRead": true,
        "Key": {
          "pk": "PAIRING#fpEKBYBW1jrM1mVoKjlEdnyHFfGxZW9g9DYRImuFvfA",
          "sk": "PAIRING",
        },
      },
      {
        "ConsistentRead": true,
        "Key": {
          "pk": "DEVICE#dvc_1",
          "sk": "DEVICE",
        },
      },
    ]
  `);
  const [paired, used] = TransactItems.map((item) => readable(Object.values(item)[0]!));
  expect(String(paired!["UpdateExpression"]).replace(/"[\w-]{43}"/g, '"…"')).toMatchInlineSnapshot(
    `"SET pairedAt = "2026-11-02T09:00:00.000Z", digest = "…", version = 2, auditHash = "…", updatedAt = "2026-11-02T09:00:00.000Z", deviceId = "dvc_1", __edb_e__ = "device", __edb_v__ = "1""`,
  );
  expect(paired!["ConditionExpression"]).toMatchInlineSnapshot(`"attribute_exists(pk) AND attribute_exists(sk) AND version = 1"`);
  expect(used).toMatchInlineSnapshot(`
    {
      "ConditionExpression": "attribute_exists(pk) AND attribute_exists(sk) AND deviceId = "dvc_1"",
      "Key": {
        "pk": "PAIRING#fpEKBYBW1jrM1mVoKjlEdnyHFfGxZW9g9DYRImuFvfA",
        "sk": "PAIRING",
      },
      "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
  `);
});
