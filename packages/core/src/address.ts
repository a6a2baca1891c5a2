import { isIPv4, isIPv6 } from "node:net";

/**
 * The caller's address cut down to its network, as it may be kept: IPv4 to /24 (`203.0.113.0`), IPv6 to /48 (`2001:db8:1::`),
 * an IPv4 address in IPv6 clothes as IPv4. Anything else is no address: undefined.
 */
export function truncatedAddress(address: string | undefined): string | undefined {
  const plain = address?.split("%")[0]!.trim() ?? "";
  const inside = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(plain)?.[1] ?? plain;
  if (isIPv4(inside)) return `${inside.split(".").slice(0, 3).join(".")}.0`;
  if (!isIPv6(inside)) return undefined;
  // The host part of a URL is the shortest spelling of an address, all of it in hexadecimal: what is left out is zeros.
  const [head = "", tail] = new URL(`http://[${inside}]`).hostname.slice(1, -1).split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const groups = [...left, ...Array.from({ length: 8 - left.length - right.length }, () => "0"), ...right];
  const network = groups
    .slice(0, 3)
    .join(":")
    .replace(/(:0)+$/, "")
    .replace(/^0$/, "");
  return `${network}::`;
}
