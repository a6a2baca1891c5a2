import { isIPv4, isIPv6 } from "node:net";

/** An address in parts: four bytes, or eight groups of 16 bits. An IPv4 address that travels inside IPv6 is an IPv4 address. */
type Parts = { v: 4; bytes: readonly string[] } | { v: 6; groups: readonly number[] };

/**
 * The network a caller came from, as much of it as the audit trail may know: IPv4 to /24, IPv6 to /48.
 * @returns undefined when the text is no address
 */
export function truncatedAddress(text: string): string | undefined {
  const parts = partsOf(text);
  if (!parts) return undefined;
  return parts.v === 4 ? `${parts.bytes.slice(0, 3).join(".")}.0/24` : `${inHex(parts.groups.slice(0, 3))}::/48`;
}

/**
 * What one subscriber calls from: the whole IPv4 address, the /64 of an IPv6 one, which is theirs to choose any address of.
 * Never stored or logged as it is.
 */
export function subscriberAddress(text: string): string | undefined {
  const parts = partsOf(text);
  if (!parts) return undefined;
  return parts.v === 4 ? parts.bytes.join(".") : `${inHex(parts.groups.slice(0, 4))}::/64`;
}

function partsOf(text: string): Parts | undefined {
  if (isIPv4(text)) return { v: 4, bytes: text.split(".") };
  if (!isIPv6(text)) return undefined;
  const groups = groupsOf(text.replace(/%.*$/, ""));
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  return isMapped ? { v: 4, bytes: groups.slice(6).flatMap((group) => [String(group >> 8), String(group & 0xff)]) } : { v: 6, groups };
}

function groupsOf(text: string): number[] {
  const inside = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(text);
  const pair = (high: number, low: number) => ((Number(inside![high]) << 8) | Number(inside![low])).toString(16);
  const plain = inside ? `${inside[1]}${pair(2, 3)}:${pair(4, 5)}` : text;
  const [front = [], back] = plain.split("::").map((half) => (half === "" ? [] : half.split(":")));
  const all = back === undefined ? front : [...front, ...Array.from({ length: 8 - front.length - back.length }, () => "0"), ...back];
  return all.map((group) => Number.parseInt(group, 16));
}

function inHex(groups: readonly number[]): string {
  return groups.map((group) => group.toString(16)).join(":");
}
