import { READERS } from "../actor.ts";
import { capability } from "../capability.ts";
import type { VisibleError } from "../error.ts";
import * as Pool from "../pool/index.ts";
import { isoOf, secondsOf } from "../time.ts";
import type * as Person from "../person/index.ts";
import { needsOf, shortageError } from "./claim-seats.ts";
import { lookAtShare, overPersonLimit, sharesOf } from "./limits.ts";
import { askedFor, decided, type Asked, type AskedLine } from "./on-sale.ts";
import { lookAtPhases } from "./phases.ts";
import { nextAction } from "./rules/next-action.ts";
import { QuoteRequest, type LineRefusal, type QuoteView } from "./schema.ts";

/**
 * What an order would cost and whether it could be placed now, line by line, by the rules that placing goes by. Nothing is
 * held, counted or written: between quote and order somebody may be faster.
 * @throws event.not_found, ticket_type.not_found, order.amount_invalid
 */
export const quote = capability(
  "order.quote",
  { input: QuoteRequest, allow: READERS, needs: "ticket_types:read" },
  async (input, { actor, now }): Promise<QuoteView> => {
    const asked = await askedFor(actor, input);
    const { lines, total } = decided(asked, await lookAtPhases(asked, now), now);
    const open = { ...asked, lines: lines.flatMap((line) => (line.refusal ? [] : [line.asked])) };
    const [limits, seats] = await Promise.all([limitRefusals(open.lines, input.buyer, secondsOf(now)), seatRefusals(open, secondsOf(now))]);
    const at = isoOf(now);
    const quoted = lines.map(({ asked: { index }, line, refusal }) => {
      const why = refusal ?? limits.get(index) ?? seats.get(index);
      return { ...line, purchasable: why === undefined, refusal: why ? refusalOf(why, at) : null };
    });
    return { eventId: asked.event.eventId, lines: quoted, total, purchasable: quoted.every(({ purchasable }) => purchasable), quotedAt: at };
  },
);

type Refusals = Map<number, VisibleError>;

async function limitRefusals(lines: readonly AskedLine[], buyer: Person.Contact | undefined, nowS: number): Promise<Refusals> {
  const refusals: Refusals = new Map();
  for (const line of lines) {
    const limit = line.type.maxPerBuyer;
    if (limit !== undefined && line.wanted.quantity > limit) refusals.set(line.index, overPersonLimit(line, limit, 0));
  }
  const shares = buyer ? sharesOf(lines, buyer) : [];
  const looks = await Promise.all(shares.map(async (share) => ({ share, error: await lookAtShare(share, nowS) })));
  for (const { share, error } of looks) if (error) refusals.set(share.line.index, error);
  return refusals;
}

async function seatRefusals(asked: Asked, nowS: number): Promise<Refusals> {
  const needs = needsOf(asked);
  const looks = await Promise.all(needs.map(async (need) => ({ need, found: await Pool.left(need.pool, nowS) })));
  const short = looks.filter(({ need, found }) => found.available < need.quantity);
  return new Map(short.flatMap(({ need, found }) => need.lines.map(({ index }) => [index, shortageError(need, found, nowS)] as const)));
}

function refusalOf({ code, title, message, extras }: VisibleError, at: string): LineRefusal {
  const { facts = {}, fields = [], retryAfterSeconds = null } = extras;
  return { code, title, detail: message, nextAction: nextAction(code, facts, at), retryAfterSeconds, errors: [...fields], facts: { ...facts } };
}
