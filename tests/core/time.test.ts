import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Instant, isoOf, localWords, msOf, secondsOf, TimeZone } from "../../packages/core/src/time.ts";

describe("an instant", () => {
  it.each([
    ["2027-02-24T18:30:00Z", "2027-02-24T18:30:00.000Z"],
    ["2027-02-24T19:30:00+01:00", "2027-02-24T18:30:00.000Z"],
    ["2027-02-24T18:30:00.5Z", "2027-02-24T18:30:00.500Z"],
    ["2027-12-31T23:30:00-01:00", "2028-01-01T00:30:00.000Z"],
  ])("%s is kept as %s", (text, kept) => {
    expect(Instant.parse(text)).toBe(kept);
  });

  it.each(["2027-02-24", "2027-02-24T18:30:00", "2027-02-30T18:30:00Z", "2027-02-24T25:00:00Z", "tomorrow", ""])(
    "%j is refused with an example of what is expected",
    (text) => {
      expect(Instant.safeParse(text).error?.issues[0]?.message).toContain("2027-02-24T18:30:00Z");
    },
  );

  it("is compared as text as it is compared as time, whatever offset it came with", () => {
    const offset = fc
      .tuple(fc.constantFrom("+", "-"), fc.nat(13), fc.nat(59))
      .map(([sign, h, m]) => `${sign}${String(h).padStart(2, "0")}:${String(m).padStart(2, "0")}`);
    const date = fc.date({ min: new Date("1970-01-02T00:00:00Z"), max: new Date("9998-12-31T00:00:00Z"), noInvalidDate: true });
    const given = fc.tuple(date, offset).map(([at, zone]) => `${at.toISOString().slice(0, -1)}${zone}`);
    fc.assert(
      fc.property(given, given, (a, b) => {
        expect(Instant.parse(a) < Instant.parse(b)).toBe(Date.parse(a) < Date.parse(b));
      }),
    );
  });

  it("stays the same through milliseconds and back", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: Date.UTC(9998, 0) }), (ms) => {
        expect(msOf(isoOf(ms))).toBe(ms);
      }),
    );
  });
});

describe("epoch seconds", () => {
  it("are rounded up, so that nothing kept in them ends too early", () => {
    expect([secondsOf(0), secondsOf(1), secondsOf(999), secondsOf(1_000), secondsOf(1_001)]).toEqual([0, 1, 1, 1, 2]);
  });
});

describe("a time zone", () => {
  it("is one that this runtime knows by its place", () => {
    for (const zone of ["Europe/Rome", "America/Argentina/Buenos_Aires", "UTC"]) expect(TimeZone.safeParse(zone).success, zone).toBe(true);
    for (const zone of ["CET", "+01:00", "Nowhere/City", "Europe", "", "x".repeat(65)]) expect(TimeZone.safeParse(zone).success, zone).toBe(false);
  });

  it("says the instant in the words of the people who are there", () => {
    expect(localWords("2027-02-24T18:30:00.000Z", "Europe/Rome")).toBe("24 February 2027 at 19:30 (Europe/Rome)");
    expect(localWords("2027-07-24T18:30:00.000Z", "Europe/Rome")).toBe("24 July 2027 at 20:30 (Europe/Rome)");
  });
});
