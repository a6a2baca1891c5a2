import { expect, it } from "vitest";
import { afterInterruption, RANKS, type MessageStatus } from "../../../../packages/core/src/message/rules/status.ts";
import { Messages } from "../../../../packages/core/src/message/entity.ts";

const sendingSince = "2026-11-02T09:00:00.000Z";
const after = (seconds: number) => Date.parse(sendingSince) + seconds * 1_000;

it("ranks every status that a message can have, no two alike, in the order in which they follow each other", () => {
  expect(Object.keys(RANKS).toSorted((a, b) => RANKS[a as MessageStatus] - RANKS[b as MessageStatus])).toEqual([
    "sending",
    "accepted",
    "sent",
    "failed",
    "delivered",
    "read",
  ]);
  expect(new Set(Object.values(RANKS)).size).toBe(6);
  expect(Object.keys(RANKS).toSorted()).toEqual([...Messages.schema.attributes.status.type].toSorted());
});

it("lets a failure follow being sent, but nothing that was delivered fail", () => {
  expect(RANKS.failed).toBeGreaterThan(RANKS.sent);
  expect(RANKS.failed).toBeLessThan(RANKS.delivered);
});

it("never sends again what the vendor has taken", () => {
  for (const status of ["accepted", "sent", "failed", "delivered", "read"] as const) {
    expect(afterInterruption({ status, sendingSince }, after(86_400), 300)).toBe("done");
  }
});

it("waits for the vendor's word before it sends an interrupted message again", () => {
  expect(afterInterruption({ status: "sending", sendingSince }, after(0), 300)).toBe("wait");
  expect(afterInterruption({ status: "sending", sendingSince }, after(299.999), 300)).toBe("wait");
  expect(afterInterruption({ status: "sending", sendingSince }, after(300), 300)).toBe("send");
});
