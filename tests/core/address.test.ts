import { describe, expect, it } from "vitest";
import { subscriberAddress, truncatedAddress } from "../../packages/core/src/address.ts";

describe("an address", () => {
  it.each([
    ["203.0.113.9", "203.0.113.0/24", "203.0.113.9"],
    ["255.255.255.255", "255.255.255.0/24", "255.255.255.255"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1::/48", "2001:db8:1:2::/64"],
    ["2001:DB8:0001::1", "2001:db8:1::/48", "2001:db8:1:0::/64"],
    ["2001:db8::", "2001:db8:0::/48", "2001:db8:0:0::/64"],
    ["::1", "0:0:0::/48", "0:0:0:0::/64"],
    ["::", "0:0:0::/48", "0:0:0:0::/64"],
    ["1:2:3:4:5:6:7::", "1:2:3::/48", "1:2:3:4::/64"],
    ["fe80::1%eth0", "fe80:0:0::/48", "fe80:0:0:0::/64"],
    ["::ffff:203.0.113.9", "203.0.113.0/24", "203.0.113.9"],
    ["::FFFF:cb00:7109", "203.0.113.0/24", "203.0.113.9"],
    ["0:0:0:0:0:ffff:203.0.113.9", "203.0.113.0/24", "203.0.113.9"],
    ["64:ff9b::203.0.113.9", "64:ff9b:0::/48", "64:ff9b:0:0::/64"],
  ])("%s is known to the audit trail as %s and counted as %s", (text, network, subscriber) => {
    expect(truncatedAddress(text)).toBe(network);
    expect(subscriberAddress(text)).toBe(subscriber);
  });

  it.each([
    "",
    "localhost",
    "203.0.113",
    "203.0.113.256",
    "203.0.113.09",
    "1.2.3.4, 5.6.7.8",
    "2001:db8",
    ":::",
    "1::2::3",
    "12345::",
    "203.0.113.9:443",
    "[::1]",
  ])("is not what no address is: %s", (text) => {
    expect(truncatedAddress(text)).toBeUndefined();
    expect(subscriberAddress(text)).toBeUndefined();
  });

  it("of the same network is the same to the audit trail, of another one is not", () => {
    expect(truncatedAddress("203.0.113.1")).toBe(truncatedAddress("203.0.113.254"));
    expect(truncatedAddress("203.0.114.1")).not.toBe(truncatedAddress("203.0.113.1"));
    expect(truncatedAddress("2001:db8:1:ffff::1")).toBe(truncatedAddress("2001:db8:1::2"));
    expect(truncatedAddress("2001:db8:2::1")).not.toBe(truncatedAddress("2001:db8:1::1"));
  });
});
