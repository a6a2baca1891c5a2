import { inWords, type Money } from "../money.ts";
import type { LimitClaim } from "../limit/index.ts";
import type { Claim } from "../pool/index.ts";
import { claimSeats, needsOf } from "./claim-seats.ts";
import { priceChanged } from "./errors.ts";
import { sharesOf, takeShares, type Hold } from "./limits.ts";
import { pricesOf, type Asked } from "./on-sale.ts";
import { claimPhases } from "./phases.ts";
import type { OrderLine, PlaceOrder } from "./schema.ts";
import { giveBackEverything } from "./seats.ts";

type Taken = { lines: OrderLine[]; total: Money; claims: Claim[]; limits: LimitClaim[] };

/**
 * Takes everything an order needs, or nothing: its price phases, and with them its price, then its shares of limits, then its
 * seats. @throws order.amount_invalid, .price_changed, .over_limit, ticket_type.sold_out, .all_held, .not_enough_left
 */
export async function takeAll(asked: Asked, { buyer, expectedTotal }: Pick<PlaceOrder, "buyer" | "expectedTotal">, hold: Hold, now: number): Promise<Taken> {
  const { offered, claims: quotas } = await claimPhases(asked, hold, now);
  const taken: Taken = { lines: [], total: { amount: 0, currency: "EUR" }, claims: quotas, limits: [] };
  try {
    const { lines, total } = pricesOf(asked, offered);
    checkExpected(total, expectedTotal);
    Object.assign(taken, { total, lines: lines.map(({ steps: _, ...line }) => line) });
    taken.limits = await takeShares(sharesOf(asked.lines, buyer), hold);
    taken.claims = [...quotas, ...(await claimSeats(needsOf(asked), hold))];
    return taken;
  } catch (error) {
    await giveBackEverything({ orderId: hold.orderId, amount: taken.total.amount, claims: quotas, limits: taken.limits });
    throw error;
  }
}

function checkExpected(total: Money, expected: Money | undefined): void {
  if (!expected || (expected.amount === total.amount && expected.currency === total.currency)) return;
  throw priceChanged(`It costs ${inWords(total)} now: ask for a quote, and order again at that price.`, {
    fields: [{ path: "expectedTotal", message: `Is ${total.amount} ${total.currency} now.` }],
    facts: { total },
  });
}
