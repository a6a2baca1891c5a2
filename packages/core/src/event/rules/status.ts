/**
 * The status of an event, as a pure function of what people decided, what is offered, what is left, and the clock.
 *
 *   draft, review, cancelled     people's words, whatever the clock says
 *   published                    from there on the first line that holds:
 *     now ≥ endsAt               completed
 *     now ≥ startsAt             in_progress
 *     some type's window is open and it has stock        on_sale
 *     windows are open, none of them has stock           sold_out
 *     otherwise                  published
 *
 * A window is open from salesStartAt (or publication) until the earliest of salesEndAt, the registration deadline and endsAt.
 *
 * Worked example: published on 1 May, one type on sale from 3 May, sold out on 4 May 12:00, show on 9 May 20:00–22:00:
 *   2 May published · 3 May on_sale · 4 May 12:00 sold_out · 9 May 20:00 in_progress · 22:00 completed
 */
import type { EventStatus, Stage } from "../schema.ts";

/** One ticket type as its event remembers it: configuration, and the instant at which its stock was last seen gone. */
export type Offer = {
  ticketTypeId: string;
  /** null: unlimited. */
  quantityTotal: number | null;
  /** Groups of its pool. */
  groups: number;
  isActive: boolean;
  salesStartAt?: string | undefined;
  salesEndAt?: string | undefined;
  soldOutAt?: string | undefined;
};

export type StatusFacts = {
  stage: Stage;
  publishedAt?: string | undefined;
  startsAt: string;
  endsAt: string;
  registrationDeadline?: string | undefined;
  offers: readonly Offer[];
};

/** The window in which a type of this event can be bought: instants, the end exclusive. */
export function saleWindow(facts: StatusFacts, offer: Pick<Offer, "salesStartAt" | "salesEndAt">): { opensAt: string | null; closesAt: string } {
  const ends = [offer.salesEndAt, facts.registrationDeadline, facts.endsAt].filter((end) => end !== undefined);
  return { opensAt: offer.salesStartAt ?? null, closesAt: ends.reduce((a, b) => (a < b ? a : b)) };
}

/** The status at an instant (ISO-8601 UTC). */
export function statusAt(facts: StatusFacts, at: string): EventStatus {
  if (facts.stage !== "published") return facts.stage;
  if (at >= facts.endsAt) return "completed";
  if (at >= facts.startsAt) return "in_progress";
  const open = facts.offers.filter((offer) => offer.isActive && isOpen(saleWindow(facts, offer), at));
  if (open.length === 0) return "published";
  return open.every((offer) => offer.soldOutAt !== undefined && offer.soldOutAt <= at) ? "sold_out" : "on_sale";
}

function isOpen({ opensAt, closesAt }: ReturnType<typeof saleWindow>, at: string): boolean {
  return (opensAt === null || opensAt <= at) && at < closesAt;
}

/** Every change of status after `since` up to `until`, each with the instant of the fact that made it. */
export function transitionsBetween(facts: StatusFacts, from: EventStatus, since: string, until: string): { from: EventStatus; to: EventStatus; at: string }[] {
  const instants = facts.offers.flatMap((offer) => {
    const { opensAt, closesAt } = saleWindow(facts, offer);
    return [opensAt, closesAt, offer.soldOutAt];
  });
  const boundaries = [...new Set([...instants, facts.startsAt, facts.endsAt, until])]
    .filter((instant): instant is string => typeof instant === "string" && instant > since && instant <= until)
    .sort();
  const transitions: { from: EventStatus; to: EventStatus; at: string }[] = [];
  let current = from;
  for (const at of boundaries) {
    const next = statusAt(facts, at);
    if (next !== current) transitions.push({ from: current, to: next, at });
    current = next;
  }
  return transitions;
}

/** What people may do next from here, by hand. */
export function nextStages(stage: Stage, status: EventStatus): Stage[] {
  if (status === "completed" || stage === "cancelled") return [];
  if (stage === "draft") return ["review", "cancelled"];
  if (stage === "review") return ["published", "draft", "cancelled"];
  return ["cancelled"];
}
