import { expect, it } from "vitest";
import { outcomeOf, ticketUnder } from "../../../../packages/core/src/dispute/rules/tickets.ts";

it.each([
  [[], "free"],
  [["inquiry"], "free"],
  [["settled", "inquiry"], "free"],
  [["settled", "open"], "suspended"],
  [["open", "lost"], "revoked"],
  [["lost", "settled"], "revoked"],
] as const)("disputes that are %j leave the tickets %s", (standings, outcome) => {
  expect(outcomeOf(standings)).toBe(outcome);
});

it.each([
  ["free", "suspended", { valid: "suspended" }],
  ["suspended", "free", { suspended: "valid" }],
  ["suspended", "revoked", { valid: "revoked", suspended: "revoked" }],
  ["free", "revoked", { valid: "revoked", suspended: "revoked" }],
  ["revoked", "free", { suspended: "valid" }],
] as const)("from %s to %s changes %j and nothing else", (before, after, changes) => {
  const statuses = ["valid", "suspended", "revoked"] as const;
  const changed = statuses.flatMap((status) => {
    const next = ticketUnder(before, after, status);
    return next ? [[status, next]] : [];
  });
  expect(Object.fromEntries(changed)).toEqual(changes);
});

it("an outcome that stays changes nothing", () => {
  for (const outcome of ["free", "suspended", "revoked"] as const) {
    for (const status of ["valid", "suspended", "revoked"] as const) expect(ticketUnder(outcome, outcome, status)).toBeUndefined();
  }
});
