/**
 * Which price a type is sold at: its price phases, in order, and after all of them its base price. A phase begins when the one
 * before it ends, so phases neither overlap nor leave a gap. It ends
 *
 *   by time       at endsAt, exclusive
 *   by quantity   when its quota of tickets is taken: the quota is a pool, claimed with the seats, so never one too many
 *   by hand       when a new document of the type has it no more
 *
 * whichever comes first; one that has neither end nor quota ends by hand alone. An order pays one phase per line: the first that
 * has room for the whole line. So a party may pay the next phase's price while a smaller one still gets this one's. Seats that
 * come back from a quota are sold at its price again while its time lasts.
 *
 * Worked example: early bird 30.00 until 1 May or 100 tickets, then regular 45.00. On 30 April with 98 taken, a party of 2
 * pays 30.00 each, a party of 3 pays 45.00; from 1 May on everybody pays 45.00.
 */
import type { Money } from "../../money.ts";

/** A phase as the type keeps it. `groups`: of the pool of its quota. */
export type Phase = { phaseId: string; name: string; price: Money; endsAt?: string | undefined; quantity?: number | undefined; groups: number };

/** What the rule needs to know of a type. */
export type Phased = { basePrice: Money; phases?: readonly Phase[] | undefined };

/** A price that an order may pay: that of a phase, or after all of them the base price. */
export type Offered = { n: number; price: Money; phase?: Phase };

/** The prices that are open at an instant, first the one to try first; each but the last has a quota that may be used up. */
export function openPrices({ basePrice, phases = [] }: Phased, at: string): [Offered, ...Offered[]] {
  const open: Offered[] = [];
  for (const [n, phase] of phases.entries()) {
    if (isOver(phase, at)) continue;
    open.push({ n, price: phase.price, phase });
    if (phase.quantity === undefined) return open as [Offered, ...Offered[]];
  }
  open.push({ n: phases.length, price: basePrice });
  return open as [Offered, ...Offered[]];
}

/** Has the time of a phase passed? Its quota may be taken all the same when it has not. */
export function isOver({ endsAt }: Phase, at: string): boolean {
  return endsAt !== undefined && endsAt <= at;
}

/** What comes after a phase: the next price, and when or after how many tickets it comes; undefined after the last one. */
export function nextPrice(type: Phased, { n, phase }: Offered, at: string): Offered | undefined {
  const { phases = [] } = type;
  if (!phase) return undefined;
  const follows = (one: Phase) => !isOver(one, at) && (one.endsAt === undefined || phase.endsAt === undefined || one.endsAt > phase.endsAt);
  const next = phases.findIndex((one, i) => i > n && follows(one));
  return next < 0 ? { n: phases.length, price: type.basePrice } : { n: next, price: phases[next]!.price, phase: phases[next]! };
}
