import { expect, it } from "vitest";
import { as, readable, sentBy } from "../golden.ts";
import { personIn } from "../../../packages/core/src/actor.ts";
import { Admins, Users } from "../../../packages/core/src/user/entity.ts";
import { find, list, search } from "../../../packages/core/src/user/read.ts";
import { leavingAdmins } from "../../../packages/core/src/user/write.ts";

const admin = personIn("admin", "usr_1");
const row = {
  ...{ userId: "usr_2", role: "sponsor" as const, status: "active" as const, emailKey: "per_e", phoneKey: "per_p", accessVersion: 1 },
  ...{ createdAt: "2026-11-02T09:00:00.000Z", updatedAt: "2026-11-02T09:00:00.000Z", version: 1, auditHash: "h" },
};

it("1. whoever signs in is opened by id", async () => {
  expect(await sentBy(() => find("usr_2"))).toMatchInlineSnapshot(`
    [
      {
        "ConsistentRead": true,
        "Key": {
          "pk": "USER#usr_2",
          "sk": "USER",
        },
      },
    ]
  `);
});

it("2. a user of a role is in its index, an attendee in none", () => {
  const keysOf = (params: { Item?: Record<string, unknown> }) =>
    Object.fromEntries(Object.entries(params.Item!).filter(([name]) => /^(gsi\d)?[ps]k$/.test(name)));
  expect(keysOf(Users.create(row).params())).toMatchInlineSnapshot(`
    {
      "gsi1pk": "USERS#sponsor",
      "gsi1sk": "2026-11-02T09:00:00.000Z#usr_2",
      "gsi2pk": "USER#per_e",
      "gsi2sk": "USER",
      "gsi3pk": "USER#per_p",
      "gsi3sk": "USER",
      "pk": "USER#usr_2",
      "sk": "USER",
    }
  `);
  const { emailKey: _, phoneKey: __, ...plain } = row;
  expect(keysOf(Users.create({ ...plain, role: "attendee" }).params())).toMatchInlineSnapshot(`
    {
      "pk": "USER#usr_2",
      "sk": "USER",
    }
  `);
});

it("2. an admin lists the users of a role", async () => {
  expect(await sentBy(() => as(admin, () => list({ role: "organizer" })))).toMatchInlineSnapshot(`
    [
      {
        "IndexName": "gsi1",
        "KeyConditionExpression": "gsi1pk = "USERS#organizer"",
        "Limit": 25,
      },
    ]
  `);
});

it("3. an admin finds a user by their verified e-mail", async () => {
  expect(await sentBy(() => as(admin, () => search({ email: "Anna@example.com" })))).toMatchInlineSnapshot(`
    [
      {
        "IndexName": "gsi2",
        "KeyConditionExpression": "gsi2pk = "USER#per_2CSFBTSQZ1A0KK78JYA1YG3YW7" and gsi2sk = "USER"",
      },
    ]
  `);
});

it("4. an admin finds a user by their verified phone number", async () => {
  expect(await sentBy(() => as(admin, () => search({ phone: "+39 333 1234567" })))).toMatchInlineSnapshot(`
    [
      {
        "IndexName": "gsi3",
        "KeyConditionExpression": "gsi3pk = "USER#per_ZBAM3TJZAP6S78RHGNSJ0E3C9H" and gsi3sk = "USER"",
      },
    ]
  `);
});

it("5. somebody stops being an admin, but never the last one", () => {
  expect(readable(leavingAdmins("usr_2").operation.params())).toMatchInlineSnapshot(`
    {
      "ConditionExpression": "attribute_exists(pk) AND attribute_exists(sk) AND contains(userIds, "usr_2") AND count > 1",
      "Key": {
        "pk": "ADMINS#all",
        "sk": "ADMINS",
      },
      "UpdateExpression": "SET count = (if_not_exists(count, 0) - 1), list = "all", __edb_e__ = "admins", __edb_v__ = "1" DELETE userIds ["usr_2"]",
    }
  `);
  expect(
    readable(
      Admins.upsert({ list: "all" })
        .add({ userIds: ["usr_2"], count: 1 })
        .params(),
    ),
  ).toMatchInlineSnapshot(`
    {
      "Key": {
        "pk": "ADMINS#all",
        "sk": "ADMINS",
      },
      "UpdateExpression": "SET __edb_e__ = "admins", __edb_v__ = "1", list = "all" ADD userIds ["usr_2"], count 1",
    }
  `);
});
