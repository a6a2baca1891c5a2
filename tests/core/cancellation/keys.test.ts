import { expect, it } from "vitest";
import { sentBy } from "../golden.ts";
import { find, listDue } from "../../../packages/core/src/cancellation/index.ts";

it("1. the job of an event is opened by the event's id", async () => {
  expect(await sentBy(() => find("evt_1"))).toMatchInlineSnapshot(`
    [
      {
        "ConsistentRead": true,
        "Key": {
          "pk": "EVENT#evt_1",
          "sk": "CANCELLATION",
        },
      },
    ]
  `);
});

it("2. the clock asks which jobs must go on", async () => {
  expect(await sentBy(() => listDue("2026-11-02T09:00:00.000Z", 20))).toMatchInlineSnapshot(`
    [
      {
        "IndexName": "gsi1",
        "KeyConditionExpression": "gsi1pk = "CANCELLATIONS#open" and gsi1sk <= "2026-11-02T09:00:00.000Z"",
        "Limit": 20,
      },
    ]
  `);
});
