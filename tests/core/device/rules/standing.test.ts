import { describe, expect, it } from "vitest";
import { isOpenAt, statusAt } from "../../../../packages/core/src/device/rules/standing.ts";

const device = { codeUntil: "2027-02-24T10:10:00.000Z", validFrom: "2027-02-24T18:00:00.000Z", validUntil: "2027-02-25T02:00:00.000Z" };
const paired = { ...device, pairedAt: "2027-02-24T10:01:00.000Z" };

describe("a device", () => {
  it("waits to be paired until its code ends, and not at that instant", () => {
    expect(statusAt(device, "2027-02-24T10:09:59.999Z")).toBe("pairing");
    expect(statusAt(device, device.codeUntil)).toBe("lapsed");
  });

  it("is paired from then on, until its time is over", () => {
    expect(statusAt(paired, "2027-02-24T17:59:00.000Z")).toBe("paired");
    expect(statusAt(paired, "2027-02-25T01:59:59.999Z")).toBe("paired");
    expect(statusAt(paired, paired.validUntil)).toBe("over");
  });

  it("is revoked whatever else it is", () => {
    for (const one of [device, paired]) expect(statusAt({ ...one, revokedAt: "2027-02-24T11:00:00.000Z" }, "2027-02-26T00:00:00.000Z")).toBe("revoked");
  });
});

describe("its key", () => {
  it("opens in its time alone, to the millisecond", () => {
    expect(isOpenAt(paired, "2027-02-24T17:59:59.999Z")).toBe(false);
    expect(isOpenAt(paired, "2027-02-24T18:00:00.000Z")).toBe(true);
    expect(isOpenAt(paired, "2027-02-25T01:59:59.999Z")).toBe(true);
    expect(isOpenAt(paired, "2027-02-25T02:00:00.000Z")).toBe(false);
  });

  it("opens at once where no beginning is said", () => {
    expect(isOpenAt({ ...paired, validFrom: undefined }, paired.pairedAt)).toBe(true);
  });

  it("opens nothing before it is paired, and nothing once it is revoked", () => {
    expect(isOpenAt(device, "2027-02-24T19:00:00.000Z")).toBe(false);
    expect(isOpenAt({ ...paired, revokedAt: "2027-02-24T18:30:00.000Z" }, "2027-02-24T19:00:00.000Z")).toBe(false);
  });
});
