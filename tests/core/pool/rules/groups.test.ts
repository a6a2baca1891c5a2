import fc from "fast-check";
import { expect, it } from "vitest";
import { groupsFor, groupsOfShared, groupsToTry, GROUPS_TRIED, MAX_GROUPS } from "../../../../packages/core/src/pool/rules/groups.ts";

it("gives an ordinary pool one group, however large it is", () => {
  expect(groupsFor({ seats: 40, highDemand: false })).toBe(1);
  expect(groupsFor({ seats: 200_000, highDemand: false })).toBe(1);
});

it("gives a type in high demand a group for every 80 claims of a peak of 10,000 a second", () => {
  expect(groupsFor({ seats: 200_000, highDemand: true })).toBe(128);
});

it("never makes more groups than there are buckets, nor more than 256, and always a power of two", () => {
  fc.assert(
    fc.property(fc.nat(200_000), (seats) => {
      const groups = groupsFor({ seats, highDemand: true });
      expect(Number.isInteger(Math.log2(groups))).toBe(true);
      expect(groups).toBeLessThanOrEqual(Math.min(MAX_GROUPS, Math.max(1, Math.ceil(seats / 16))));
    }),
  );
});

it("sends a buyer first to the group that their order hashes to, then to neighbours, to no group twice", () => {
  expect(groupsToTry(130, 128)).toEqual([2, 3, 4, 5]);
  expect(groupsToTry(127, 128)).toEqual([127, 0, 1, 2]);
  expect(groupsToTry(7, 1)).toEqual([0]);
  fc.assert(
    fc.property(fc.nat(2 ** 32 - 1), fc.constantFrom(1, 2, 4, 8, 16, 32, 64, 128, 256), (hash, groups) => {
      const tried = groupsToTry(hash, groups);
      expect(tried[0]).toBe(hash % groups);
      expect(new Set(tried).size).toBe(Math.min(GROUPS_TRIED, groups));
      expect(tried.every((group) => group >= 0 && group < groups)).toBe(true);
    }),
  );
});

it("cuts a shared pool like its busiest type, but never into more groups than one for every 64 seats", () => {
  expect(groupsOfShared({ seats: 20_000, busiest: 128 })).toBe(128);
  expect(groupsOfShared({ seats: 20_000, busiest: 1 })).toBe(1);
  expect(groupsOfShared({ seats: 600, busiest: 128 })).toBe(16);
  expect(groupsOfShared({ seats: 40, busiest: 128 })).toBe(1);
});
