import type { Money } from "../money.ts";
import { countSeats, readPool } from "../pool/index.ts";
import { isoOf, secondsOf } from "../time.ts";
import { phasesOf, quotaOf, type TicketTypeRow } from "./entity.ts";
import { isOver, nextPrice, openPrices, type Offered, type Phased } from "./rules/phase.ts";
import type { TicketTypeView } from "./schema.ts";

/** What the price rules need to know of a type. */
function phasedOf(type: TicketTypeRow): Phased {
  return { basePrice: type.basePrice as Money, phases: phasesOf(type) };
}

/** The prices that are open for a type at an instant, first the one to try first (`rules/phase.ts`). */
export function pricesOf(type: TicketTypeRow, now: number): [Offered, ...Offered[]] {
  return openPrices(phasedOf(type), isoOf(now));
}

export type PriceFace = Pick<TicketTypeView, "currentPrice" | "currentPhase" | "nextPrice" | "phases" | "earlyBirdPrice" | "earlyBirdDeadline">;

/** What a type says of its prices. Reads the quotas of its phases, if any is open. */
export async function priceFaceOf(type: TicketTypeRow, now: number): Promise<PriceFace> {
  const phases = phasesOf(type);
  const at = isoOf(now);
  const left = await quotasLeft(type, now);
  const open = pricesOf(type, now);
  const current = open.find(({ phase }) => !phase || left.get(phase.phaseId) !== 0)!;
  const next = nextPrice(phasedOf(type), current, at);
  const early = phases.find(({ endsAt }) => endsAt !== undefined);
  return {
    currentPrice: current.price,
    currentPhase: current.phase?.name ?? null,
    nextPrice: next
      ? { price: next.price, phase: next.phase?.name ?? null, at: current.phase?.endsAt ?? null, afterQuantity: left.get(current.phase!.phaseId) ?? null }
      : null,
    phases: phases.map((phase, n) => ({
      id: phase.phaseId,
      name: phase.name,
      price: phase.price,
      endsAt: phase.endsAt ?? null,
      quantity: phase.quantity ?? null,
      remainingQuantity: left.get(phase.phaseId) ?? null,
      status: isOver(phase, at) || n < current.n ? ("over" as const) : n === current.n ? ("current" as const) : ("upcoming" as const),
    })),
    earlyBirdPrice: early?.price ?? null,
    earlyBirdDeadline: early?.endsAt ?? null,
  };
}

/** Tickets that the quotas of a type's phases have left, by phase; those without a quota, or that are over, are not in it. */
async function quotasLeft(type: TicketTypeRow, now: number): Promise<Map<string, number>> {
  const open = phasesOf(type).filter((phase) => !isOver(phase, isoOf(now)));
  const pools = open.flatMap((phase) => quotaOf(phase, type.eventId) ?? []);
  const counts = pools.map(async (pool) => [pool.poolId, Math.max(0, countSeats(await readPool(pool), secondsOf(now)).available)] as const);
  return new Map(await Promise.all(counts));
}
