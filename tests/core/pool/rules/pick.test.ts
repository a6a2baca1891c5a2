import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { gathered, type Room, wholeFits } from "../../../../packages/core/src/pool/rules/pick.ts";

const roomsOf = (...seats: number[]): Room[] => seats.map((available, bucket) => ({ bucket, available }));
const rooms = fc.array(fc.nat(16), { maxLength: 32 }).map((seats) => roomsOf(...seats));
const hash = fc.nat(2 ** 32 - 1);
const seatsIn = (all: readonly Room[]) => all.reduce((seats, { available }) => seats + available, 0);

describe("a whole party", () => {
  it("tries the buckets in the order of the worked example", () => {
    expect(wholeFits(roomsOf(3, 16, 16, 0), 2, 1).map(({ bucket }) => bucket)).toEqual([2, 1, 0]);
  });

  it("tries every bucket that takes it once, the fullest first", () => {
    fc.assert(
      fc.property(rooms, fc.integer({ min: 1, max: 16 }), hash, (all, quantity, hash) => {
        const tried = wholeFits(all, quantity, hash);
        expect(new Set(tried)).toEqual(new Set(all.filter(({ available }) => available >= quantity)));
        expect(tried.map(({ available }) => available)).toEqual(tried.map(({ available }) => available).toSorted((a, b) => b - a));
      }),
    );
  });

  it("does not knock at one door with all others: equals share the first place evenly", () => {
    const all = roomsOf(16, 16, 3, 3, 3, 3, 3, 3);
    const first = Array.from({ length: 800 }, (_, hash) => wholeFits(all, 2, hash)[0]!.bucket);
    expect(first.filter((bucket) => bucket === 0).length).toBe(400);
  });
});

describe("a gathered party", () => {
  it("takes parts that add up to it, or nothing when the rooms together do not take it", () => {
    fc.assert(
      fc.property(rooms, fc.nat(60), (all, quantity) => {
        const parts = gathered(all, quantity);
        expect(parts === undefined).toBe(seatsIn(all) < quantity);
        expect((parts ?? []).reduce((seats, { q }) => seats + q, 0)).toBe(parts ? quantity : 0);
        for (const { room, q } of parts ?? []) {
          expect(q).toBeGreaterThan(0);
          expect(q).toBeLessThanOrEqual(room.available);
        }
        expect(new Set(parts?.map(({ room }) => room)).size).toBe(parts?.length ?? 0);
      }),
    );
  });

  it("sits in as few buckets as can be: the fullest first", () => {
    expect(gathered(roomsOf(3, 16, 5), 20)?.map(({ room, q }) => [room.bucket, q])).toEqual([
      [1, 16],
      [2, 4],
    ]);
  });

  it("leaves the rooms as they are", () => {
    const all = roomsOf(3, 16, 5);
    gathered(all, 20);
    wholeFits(all, 2, 1);
    expect(all).toEqual(roomsOf(3, 16, 5));
  });
});
