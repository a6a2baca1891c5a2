import * as Pool from "../pool/index.ts";
import * as TicketType from "../ticket-type/index.ts";
import { secondsOf } from "../time.ts";
import type { Hold } from "./limits.ts";
import type { Asked, AskedLine } from "./on-sale.ts";

type Phases = { offered: TicketType.Offered[]; claims: Pool.Claim[] };

/** Finds for every line the first price that has room for it, and claims what it takes of its quota. Types without quotas cost no call. */
export async function claimPhases({ lines }: Asked, hold: Hold, now: number): Promise<Phases> {
  const phases: Phases = { offered: [], claims: [] };
  for (const line of lines) {
    const { offered, claims } = await firstWithRoom(line, now, async (quota) => {
      const result = await Pool.reserve(quota, { ...hold, quantity: line.wanted.quantity });
      return "claims" in result ? result.claims : undefined;
    });
    phases.offered.push(offered);
    phases.claims.push(...claims);
  }
  return phases;
}

/** The price of every line that an order would find now. Claims nothing. */
export async function lookAtPhases({ lines }: Asked, now: number): Promise<TicketType.Offered[]> {
  return Promise.all(
    lines.map(async (line) => {
      const hasRoom = async (quota: Pool.Pool) => ((await Pool.left(quota, secondsOf(now))).available >= line.wanted.quantity ? [] : undefined);
      return (await firstWithRoom(line, now, hasRoom)).offered;
    }),
  );
}

/** The first open price of a line whose quota takes it: `take` answers with what it claimed, or undefined. The last one has no quota. */
async function firstWithRoom({ type }: AskedLine, now: number, take: (quota: Pool.Pool) => Promise<Pool.Claim[] | undefined>) {
  const open = TicketType.pricesOf(type, now);
  for (const offered of open) {
    const quota = offered.phase && TicketType.quotaOf(offered.phase, type.eventId);
    const claims = quota ? await take(quota) : [];
    if (claims) return { offered, claims };
  }
  return { offered: open.at(-1)!, claims: [] };
}

/** Is this pool the quota of a price phase? It holds no seats: what was paid for stays paid for when it is used up or gone. */
export function isQuota(poolId: string): boolean {
  return poolId.startsWith("ph_");
}

/** The quotas that a standing order has claims in. */
export async function quotasOf({ claims, lines }: { claims: readonly Pool.Claim[]; lines: readonly { ticketTypeId: string }[] }): Promise<Pool.Pool[]> {
  if (!claims.some(({ poolId }) => isQuota(poolId))) return [];
  const types = await Promise.all(lines.map(({ ticketTypeId }) => TicketType.find(ticketTypeId)));
  return types.flatMap((type) => (type ? TicketType.phasesOf(type).flatMap((phase) => TicketType.quotaOf(phase, type.eventId) ?? []) : []));
}
