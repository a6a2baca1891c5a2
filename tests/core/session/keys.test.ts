import { expect, it } from "vitest";
import { as, sentBy } from "../golden.ts";
import { personIn } from "../../../packages/core/src/actor.ts";
import { Sessions } from "../../../packages/core/src/session/entity.ts";
import { find, list, note } from "../../../packages/core/src/session/read.ts";

const seen = { userId: "usr_1", sessionId: "ses_1", label: "Firefox on Linux", startedAt: "2026-11-02T09:00:00.000Z" };

it("1. whoever signs in is let in by their session", async () => {
  expect(await sentBy(() => find("usr_1", "ses_1"))).toMatchInlineSnapshot(`
    [
      {
        "ConsistentRead": true,
        "Key": {
          "pk": "USER#usr_1",
          "sk": "SESSION#ses_1",
        },
      },
    ]
  `);
});

it("1. a session is noted when it is seen, and keeps what is known of it", async () => {
  expect(await sentBy(() => note(undefined, seen, Date.parse("2026-11-02T09:00:01Z")))).toMatchInlineSnapshot(`
    [
      {
        "Key": {
          "pk": "USER#usr_1",
          "sk": "SESSION#ses_1",
        },
        "UpdateExpression": "SET __edb_e__ = "session", __edb_v__ = "1", userId = "usr_1", sessionId = "ses_1", lastSeenAt = "2026-11-02T09:00:01.000Z", ttl = 1801386001, label = if_not_exists(label, "Firefox on Linux"), startedAt = if_not_exists(startedAt, "2026-11-02T09:00:00.000Z")",
      },
    ]
  `);
});

it("2. a user lists where they are signed in", async () => {
  expect(await sentBy(() => as(personIn("attendee", "usr_1"), () => list({})))).toMatchInlineSnapshot(`
    [
      {
        "ConsistentRead": true,
        "KeyConditionExpression": "pk = "USER#usr_1" and begins_with(sk, "SESSION#")",
      },
    ]
  `);
});

it("3. a user ends one of them", () => {
  expect(Sessions.patch({ userId: "usr_1", sessionId: "ses_1" }).set({ revokedAt: "2026-11-02T10:00:00.000Z" }).params()).toMatchInlineSnapshot(`
    {
      "ConditionExpression": "attribute_exists(#pk) AND attribute_exists(#sk)",
      "ExpressionAttributeNames": {
        "#__edb_e__": "__edb_e__",
        "#__edb_v__": "__edb_v__",
        "#pk": "pk",
        "#revokedAt": "revokedAt",
        "#sessionId": "sessionId",
        "#sk": "sk",
        "#userId": "userId",
      },
      "ExpressionAttributeValues": {
        ":__edb_e___u0": "session",
        ":__edb_v___u0": "1",
        ":revokedAt_u0": "2026-11-02T10:00:00.000Z",
        ":sessionId_u0": "ses_1",
        ":userId_u0": "usr_1",
      },
      "Key": {
        "pk": "USER#usr_1",
        "sk": "SESSION#ses_1",
      },
      "TableName": "golden",
      "UpdateExpression": "SET #revokedAt = :revokedAt_u0, #userId = :userId_u0, #sessionId = :sessionId_u0, #__edb_e__ = :__edb_e___u0, #__edb_v__ = :__edb_v___u0",
    }
  `);
});
