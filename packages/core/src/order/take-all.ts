import { inWords, type Money } from "../money.ts";
import * as Limit from "../limit/index.ts";
import * as Pool from "../pool/index.ts";
import { claimSeats, needsOf } from "./claim-seats.ts";
import { priceChanged } from "./errors.ts";
import { sharesOf, takeShares, type Hold } from "./limits.ts";
import { pricesOf, type Asked } from "./on-sale.ts";
import { claimPhases } from "./phases.ts";
import type { OrderLine, PlaceOrder } from "./schema.ts";

type Taken = { lines: OrderLine[]; total: Money; claims: Pool.Claim[]; limits: Limit.LimitClaim[] };

/**
 * Takes everything an order needs, or nothing: its price phases, and with them its price, then its shares of limits, then its
 * seats. What was sold to the same order meanwhile, by another call, is not given back.
 * @throws order.amount_invalid, .price_changed, .over_limit, ticket_type.sold_out, .all_held, .not_enough_left
 */
export async function takeAll(asked: Asked, { buyer, expectedTotal }: Pick<PlaceOrder, "buyer" | "expectedTotal">, hold: Hold, now: number): Promise<Taken> {
  const { offered, claims: quotas } = await claimPhases(asked, hold, now);
  const limits: Limit.LimitClaim[] = [];
  try {
    const { lines, total } = pricesOf(asked, offered);
    checkExpected(total, expectedTotal);
    limits.push(...(await takeShares(sharesOf(asked.lines, buyer), hold)));
    const seats = await claimSeats(needsOf(asked), hold);
    return { lines: lines.map(({ steps: _, ...line }) => line), total, claims: [...quotas, ...seats], limits };
  } catch (error) {
    await Promise.all([...quotas.map((claim) => Pool.release(claim, hold.orderId)), ...limits.map((share) => Limit.giveBack(share, hold.orderId))]);
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
