import type { VisibleError } from "../error.ts";
import * as Limit from "../limit/index.ts";
import * as Person from "../person/index.ts";
import type { Party } from "../pool/index.ts";
import type { OrderRow } from "./entity.ts";
import { overLimit } from "./errors.ts";
import type { AskedLine } from "./on-sale.ts";
import { find } from "./read.ts";

/** Until when an order counts by itself. */
export type Hold = Omit<Party, "quantity">;

/** What one line counts under its type's limit per person. */
type Share = { claim: Limit.LimitClaim; limit: number; line: AskedLine };

/** What a purchase counts under the limits per person of its types: once by e-mail, once by phone. */
export function sharesOf(lines: readonly AskedLine[], buyer: Person.Contact): Share[] {
  return lines.flatMap((line) => {
    const { ticketTypeId, maxPerBuyer } = line.type;
    if (maxPerBuyer === undefined) return [];
    return Person.countingKeysOf(buyer).map((key) => ({ claim: { scope: ticketTypeId, key, q: line.wanted.quantity }, limit: maxPerBuyer, line }));
  });
}

/** Counts all shares or none. @returns what the order must remember to give back @throws order.over_limit */
export async function takeShares(shares: readonly Share[], hold: Hold): Promise<Limit.LimitClaim[]> {
  const claims = shares.map(({ claim }) => claim);
  for (const [i, share] of shares.entries()) {
    const error = await takeShare(share, hold);
    if (!error) continue;
    await Promise.all(claims.slice(0, i).map((taken) => Limit.giveBack(taken, hold.orderId)));
    throw error;
  }
  return claims;
}

/** Money came for an order that ends or has ended: its shares count, whatever its ending does or did to them. */
export async function keepShares({ orderId, limits }: Pick<OrderRow, "orderId" | "limits">): Promise<void> {
  await Promise.all(limits.map((share) => Limit.keep(share, orderId)));
}

/** What the share would be refused with now. Counts nothing. */
export async function lookAtShare(share: Share, nowS: number): Promise<VisibleError | undefined> {
  const { taken, shares } = await Limit.read(share.claim);
  if (taken + share.claim.q <= share.limit) return undefined;
  const abandoned = await abandonedOf(shares, nowS);
  const standing = taken - abandoned.reduce((sum, { q }) => sum + q, 0);
  return standing + share.claim.q <= share.limit ? undefined : overPersonLimit(share.line, share.limit, standing);
}

/** The refusal of a line by its type's limit per person, of which so many are taken. */
export function overPersonLimit({ index, type }: AskedLine, limit: number, taken: number): VisibleError {
  return overLimit(`One person may have ${limit}, counted over all orders; ${taken} are taken.`, {
    fields: [{ path: `lines.${index}.quantity`, message: `At most ${Math.max(0, limit - taken)} more.` }],
    facts: { ticketTypeId: type.ticketTypeId, maxPerBuyer: limit, taken },
  });
}

async function takeShare({ claim, limit, line }: Share, { orderId, expiresAtS, nowS }: Hold): Promise<VisibleError | undefined> {
  for (let round = 1; ; round++) {
    const taking = await Limit.take(claim, orderId, limit, expiresAtS);
    if (taking.outcome === "done") return undefined;
    const abandoned = round > 1 ? [] : await abandonedOf(taking.shares, nowS);
    if (abandoned.length === 0) return overPersonLimit(line, limit, taking.taken);
    for (const share of abandoned) await Limit.giveBack({ ...claim, q: share.q }, share.orderId);
  }
}

// A share without an order behind it is what a crash left; its time tells when nobody can still be working on it.
async function abandonedOf(shares: Record<string, Limit.StandingShare>, nowS: number): Promise<{ orderId: string; q: number }[]> {
  const abandoned: { orderId: string; q: number }[] = [];
  for (const [orderId, { q, e, k }] of Object.entries(shares)) {
    if (k || e > nowS) continue;
    const order = await find(orderId);
    if (!order || order.status === "expired" || order.status === "cancelled") abandoned.push({ orderId, q });
  }
  return abandoned;
}
