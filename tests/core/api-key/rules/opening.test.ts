import { describe, expect, it } from "vitest";
import { opensUntil } from "../../../../packages/core/src/api-key/rules/opening.ts";

const key = { validUntil: "2027-12-31T00:00:00.000Z", previousUntil: "2027-03-02T00:00:00.000Z" };

describe("the current secret", () => {
  it("opens until the key expires, and not at that instant", () => {
    expect(opensUntil(key, "current", "2027-12-30T23:59:59.999Z")).toBe(key.validUntil);
    expect(opensUntil(key, "current", key.validUntil)).toBeUndefined();
  });
});

describe("the secret before the last rotation", () => {
  it("opens until the overlap ends, and not at that instant", () => {
    expect(opensUntil(key, "previous", "2027-03-01T23:59:59.999Z")).toBe(key.previousUntil);
    expect(opensUntil(key, "previous", key.previousUntil)).toBeUndefined();
  });

  it("opens no longer than its key", () => {
    expect(opensUntil({ ...key, validUntil: "2027-03-01T12:00:00.000Z" }, "previous", "2027-03-01T00:00:00.000Z")).toBe("2027-03-01T12:00:00.000Z");
  });

  it("opens nothing where there was no rotation", () => {
    expect(opensUntil({ validUntil: key.validUntil }, "previous", "2027-01-01T00:00:00.000Z")).toBeUndefined();
  });
});

it("a revoked key is opened by neither", () => {
  const revoked = { ...key, revokedAt: "2027-01-01T00:00:00.000Z" };
  for (const secret of ["current", "previous"] as const) expect(opensUntil(revoked, secret, "2026-12-31T00:00:00.000Z")).toBeUndefined();
});
