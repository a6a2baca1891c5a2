import { expect, it } from "vitest";
import { isOver } from "../../../../packages/core/src/session/rules/standing.ts";

const active = { status: "active", signedOutAt: 100 };

it("is over for whoever is not an active user, whatever the session says", () => {
  for (const status of ["suspended", "erasing", "erased"]) expect(isOver({ status }, { startedAtS: 200 }), status).toBe(true);
  expect(isOver(undefined, { startedAtS: 200 })).toBe(true);
});

it("is over once it was ended, and when it began before its user signed out everywhere", () => {
  expect(isOver(active, { startedAtS: 200, revokedAt: "2026-11-02T09:00:00.000Z" })).toBe(true);
  expect([99, 100, 101].map((startedAtS) => isOver(active, { startedAtS }))).toEqual([true, false, false]);
});

it("goes on otherwise", () => {
  expect(isOver({ status: "active" }, { startedAtS: 0 })).toBe(false);
});
