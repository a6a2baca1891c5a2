import { describe, expect, it } from "vitest";
import { hintOf, mayLook, refuses } from "../../../../packages/core/src/pool/rules/hint.ts";

const at = 1_793_610_000_000;
/** A party that comes long after whatever was seen. */
const party = (quantity: number, hash = 0) => ({ quantity, hash, cameMs: Infinity });
const look = { seenAtMs: at, available: 3, leaseEndsMs: 0 };

describe("a look at a whole pool", () => {
  it("refuses larger parties for two seconds", () => {
    for (const age of [0, 999, 1_500, 2_000]) expect(refuses(look, party(4), at + age)).toBe(true);
    expect(refuses(look, party(4), at + 2_001)).toBe(false);
  });

  it("never refuses a party that what was left would have taken", () => {
    for (const quantity of [1, 2, 3]) expect(refuses(look, party(quantity), at)).toBe(false);
    expect(refuses(undefined, party(1), at)).toBe(false);
    expect(refuses({ leaseEndsMs: at + 500 }, party(1), at)).toBe(false);
  });

  it("is repeated in its second second by more and more of those it refuses, after that by any of them", () => {
    expect(mayLook(look, party(4, 3_000), at + 1_000)).toBe(false);
    expect(mayLook(look, party(4, 3_000), at + 1_001)).toBe(true);
    const hashes = Array.from({ length: 1_000 }, (_, n) => n * 7_919);
    const lookingAt = (age: number) => hashes.filter((hash) => mayLook(look, party(4, hash), at + age)).length;
    expect([1_000, 1_010, 1_500, 2_001].map(lookingAt)).toEqual([0, 10, 500, 1_000]);
  });

  it("is repeated at once for a party that it would have taken", () => {
    expect(mayLook(look, party(3, 999), at)).toBe(true);
    expect(mayLook(undefined, party(1, 999), at)).toBe(true);
  });

  it("is repeated by nobody while somebody has the lease, unless that one's clock is wrong", () => {
    expect(mayLook({ ...look, leaseEndsMs: at + 2_500 }, party(4, 0), at + 1_501)).toBe(false);
    expect(mayLook({ ...look, leaseEndsMs: at + 2_500 }, party(4, 0), at + 2_500)).toBe(true);
    expect(mayLook({ ...look, leaseEndsMs: at + 16_000 }, party(4, 0), at + 2_500)).toBe(true);
  });

  it("that began after a buyer came is the truth for them, however late they read it", () => {
    const early = { ...party(4), cameMs: at - 10 };
    expect(refuses(look, early, at + 7_000)).toBe(true);
    expect(mayLook(look, early, at + 7_000)).toBe(false);
    expect(refuses(look, { ...early, cameMs: at + 10 }, at + 7_000)).toBe(false);
    expect(refuses(look, { ...early, quantity: 3 }, at + 7_000)).toBe(false);
  });

  it("counts for nobody when it was seen by a clock that is ahead", () => {
    expect(refuses({ ...look, seenAtMs: at + 15_000 }, party(4), at)).toBe(false);
    expect(refuses({ ...look, seenAtMs: at + 50 }, party(4), at)).toBe(true);
  });
});

it("spreads the buyers of many groups over several hints", () => {
  expect(new Set(Array.from({ length: 1_000 }, (_, hash) => hintOf(128, hash))).size).toBe(8);
  expect([1, 16].map((groups) => hintOf(groups, 12_345))).toEqual([0, 0]);
});
