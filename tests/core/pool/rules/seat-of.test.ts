import { describe, expect, it } from "vitest";
import { claimOfTicket } from "../../../../packages/core/src/pool/rules/seat-of.ts";

const first = { bucket: 4, q: 16 };
const second = { bucket: 1, q: 4 };

describe("the seat of a ticket", () => {
  it("is in the part of the claim that its place among the order's tickets falls into", () => {
    const seats = Array.from({ length: 20 }, (_, index) => claimOfTicket([first, second], index));
    expect(seats).toEqual([...Array.from({ length: 16 }, () => first), ...Array.from({ length: 4 }, () => second)]);
  });

  it("does not exist beyond what was claimed", () => {
    for (const index of [-1, 20, Number.NaN]) expect(() => claimOfTicket([first, second], index)).toThrow("has no seat");
    expect(() => claimOfTicket([], 0)).toThrow("has no seat");
  });
});
