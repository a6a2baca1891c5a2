import { expect, it } from "vitest";
import { as, readable, sentBy } from "../golden.ts";
import { personIn } from "../../../packages/core/src/actor.ts";
import { Invitations, listOf } from "../../../packages/core/src/invitation/entity.ts";
import { find, list } from "../../../packages/core/src/invitation/read.ts";

const row = {
  ...{ invitationId: "inv_1", status: "open" as const, role: "organizer" as const, scopeType: "event" as const, scopeId: "evt_1" },
  ...{ list: listOf({ type: "event", id: "evt_1" }), via: "whatsapp" as const, personId: "per_1", contactKey: "per_2" },
  ...{ invitedBy: { kind: "organizer", id: "usr_1" }, inviterId: "usr_1", expiresAt: "2026-11-09T09:00:00.000Z" },
  ...{ createdAt: "2026-11-02T09:00:00.000Z", updatedAt: "2026-11-02T09:00:00.000Z", version: 1, auditHash: "h" },
};

it("1. whoever has its link opens it by id", async () => {
  expect(await sentBy(() => find("inv_1"))).toMatchInlineSnapshot(`
    [
      {
        "ConsistentRead": true,
        "Key": {
          "pk": "INVITATION#inv_1",
          "sk": "INVITATION",
        },
      },
    ]
  `);
  expect(readable(Invitations.create(row).params())).toMatchInlineSnapshot(`
    {
      "ConditionExpression": "attribute_not_exists(pk) AND attribute_not_exists(sk)",
      "Item": {
        "__edb_e__": "invitation",
        "__edb_v__": "1",
        "auditHash": "h",
        "contactKey": "per_2",
        "createdAt": "2026-11-02T09:00:00.000Z",
        "expiresAt": "2026-11-09T09:00:00.000Z",
        "gsi1pk": "INVITATIONS#event#evt_1",
        "gsi1sk": "2026-11-02T09:00:00.000Z#inv_1",
        "invitationId": "inv_1",
        "invitedBy": {
          "id": "usr_1",
          "kind": "organizer",
        },
        "inviterId": "usr_1",
        "list": "event#evt_1",
        "personId": "per_1",
        "pk": "INVITATION#inv_1",
        "role": "organizer",
        "scopeId": "evt_1",
        "scopeType": "event",
        "sk": "INVITATION",
        "status": "open",
        "updatedAt": "2026-11-02T09:00:00.000Z",
        "version": 1,
        "via": "whatsapp",
      },
    }
  `);
});

it("2. it is accepted or withdrawn, once", () => {
  const patch = Invitations.patch({ invitationId: "inv_1" })
    .set({ status: "accepted", acceptedBy: "usr_2" })
    .where(({ status }, { eq }) => eq(status, "open"));
  expect(readable(patch.params())).toMatchInlineSnapshot(`
    {
      "ConditionExpression": "attribute_exists(pk) AND attribute_exists(sk) AND status = "open"",
      "Key": {
        "pk": "INVITATION#inv_1",
        "sk": "INVITATION",
      },
      "UpdateExpression": "SET status = "accepted", acceptedBy = "usr_2", invitationId = "inv_1", __edb_e__ = "invitation", __edb_v__ = "1"",
    }
  `);
});

it("3. admins list the invitations to a role of one's own", async () => {
  expect(await sentBy(() => as(personIn("admin", "usr_1"), () => list({})))).toMatchInlineSnapshot(`
    [
      {
        "IndexName": "gsi1",
        "KeyConditionExpression": "gsi1pk = "INVITATIONS#role"",
        "Limit": 25,
      },
    ]
  `);
});
