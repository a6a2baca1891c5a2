import { describe, expect, it } from "vitest";
import { batchOf, CALLER_KINDS, RATE_CLASSES, rateLimits, refusesUncounted } from "../../../../packages/core/src/rate-limit/rules/limits.ts";

describe("limits", () => {
  it("exist for every class and every kind of caller when a stage says nothing", () => {
    const limits = rateLimits();
    for (const name of RATE_CLASSES)
      for (const kind of CALLER_KINDS) expect(limits[name][kind], `${name}@${kind}`).toEqual({ limit: expect.any(Number), seconds: expect.any(Number) });
  });

  it("are stricter on sign-ins and purchases than on writes, and strictest on what can be guessed", () => {
    const perMinute = (name: (typeof RATE_CLASSES)[number]) => {
      const { limit, seconds } = rateLimits()[name].address!;
      return (limit * 60) / seconds;
    };
    const ranked = ["read", "write", "sign_in", "purchase", "code"] as const;
    expect(ranked.map(perMinute)).toEqual(ranked.map(perMinute).toSorted((a, b) => b - a));
    expect(RATE_CLASSES.filter(refusesUncounted)).toEqual(["code"]);
  });

  it("are changed for all callers of a class, or one kind, by what the stage says last", () => {
    const limits = rateLimits("purchase=20/60, purchase@key=12000/60,read@key=none");
    expect(limits.purchase).toEqual({
      key: { limit: 12_000, seconds: 60 },
      ...Object.fromEntries(["user", "device", "address"].map((kind) => [kind, { limit: 20, seconds: 60 }])),
    });
    expect(limits.read.key).toBeUndefined();
    expect(limits.read.user).toEqual(rateLimits().read.user);
    expect(rateLimits("write=1/60,write=2/60").write.user).toEqual({ limit: 2, seconds: 60 });
  });

  it.each([
    "purchase",
    "purchase=20",
    "buy=20/60",
    "purchase@shop=20/60",
    "purchase=0/60",
    "purchase=20/0",
    "purchase=20/3601",
    "purchase=1000001/60",
    "purchase=-1/60",
    "purchase=1.5/60",
    "__proto__=1/60",
    "read@constructor=1/1",
    "purchase=20/60;write=1/1",
  ])("that nobody can mean are refused with what to write: %s", (changes) => {
    expect(() => rateLimits(`read=1/1,${changes}`)).toThrow(`This is none: ${changes}`);
    expect(() => rateLimits(changes)).toThrow("purchase=20/60");
  });
});

it("permits are taken ten at a time above 100 calls a second, one by one up to there", () => {
  expect(batchOf({ limit: 100, seconds: 1 })).toBe(1);
  expect(batchOf({ limit: 6_000, seconds: 60 })).toBe(1);
  expect(batchOf({ limit: 6_001, seconds: 60 })).toBe(10);
});
