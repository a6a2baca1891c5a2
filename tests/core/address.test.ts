import { expect, it } from "vitest";
import { truncatedAddress } from "../../packages/core/src/address.ts";

it.each([
  ["203.0.113.77", "203.0.113.0"],
  ["127.0.0.1", "127.0.0.0"],
  ["::ffff:203.0.113.77", "203.0.113.0"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1::"],
  ["2001:0DB8:0001:abcd::1", "2001:db8:1::"],
  ["2001:db8::1", "2001:db8::"],
  ["2001:0:1:2:3:4:5:6", "2001:0:1::"],
  ["::1", "::"],
  ["fe80::1%eth0", "fe80::"],
])("keeps of %s its network, %s", (address, network) => {
  expect(truncatedAddress(address)).toBe(network);
});

it.each([undefined, "", "anna@example.com", "203.0.113", "203.0.113.777", "1:2:3", "10.0.0.1, 203.0.113.77"])("keeps nothing of %s", (text) => {
  expect(truncatedAddress(text)).toBeUndefined();
});

it("keeps nothing by which two hosts of one network can be told apart", () => {
  const hosts = [truncatedAddress("198.51.100.1"), truncatedAddress("198.51.100.254")];
  expect(new Set(hosts)).toEqual(new Set(["198.51.100.0"]));
  expect(truncatedAddress("2001:db8:1::1")).toBe(truncatedAddress("2001:db8:1:ffff:ffff:ffff:ffff:ffff"));
});
