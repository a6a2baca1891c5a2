import { TEAM } from "../actor.ts";
import { capability } from "../capability.ts";
import * as Event from "../event/index.ts";
import { inTurns } from "../in-turns.ts";
import { countSeats, readPool } from "../pool/index.ts";
import * as TicketType from "../ticket-type/index.ts";
import { isoOf, secondsOf } from "../time.ts";
import { shareSold, together, type Seats } from "./rules/capacity.ts";
import { CapacityReportRequest, type CapacityReport } from "./schema.ts";

const POOLS_AT_ONCE = 4;

/** How full an event's types, shared capacities and room are, counted now in the stock itself. @throws event.not_found, for a foreign one too */
export const capacity = capability(
  "report.capacity",
  { input: CapacityReportRequest, allow: TEAM, needs: "ticket_types:read" },
  async ({ eventId }, { actor, now }): Promise<CapacityReport> => {
    const event = await Event.managedBy(actor, eventId);
    const types = await TicketType.listByEvent(eventId);
    const stocks = types.flatMap((type) => TicketType.poolOf(type) ?? []);
    const pools = [...stocks, ...Event.roomPoolsOf(event)];
    const counted = new Map(await inTurns(pools, POOLS_AT_ONCE, async (pool) => [pool.poolId, countSeats(await readPool(pool), secondsOf(now))] as const));
    const ofTypes = (ids: readonly string[]) => together(ids.flatMap((id) => counted.get(id) ?? []));
    const row = (id: string, name: CapacityReport["items"][number]["name"], total: number, seats: Seats) => ({
      ...{ id, name, quantityTotal: total, sold: seats.sold, held: seats.held },
      ...{ available: seats.available, returned: seats.returned, soldPerMille: shareSold(seats.sold, total) },
    });
    const items = [
      ...types.map(({ ticketTypeId: id, name, quantityTotal }) => {
        const seats = counted.get(id);
        const known = seats && quantityTotal !== undefined ? row(id, name, quantityTotal, seats) : { id, name, ...UNLIMITED };
        return { kind: "ticket_type" as const, ...known };
      }),
      ...Event.capacitiesOf(event).map(({ capacityId: id, name, seats, ticketTypeIds }) => ({
        kind: "capacity" as const,
        ...row(id, name, seats, counted.get(id) ?? ofTypes(ticketTypeIds)),
      })),
      { kind: "room" as const, ...row(eventId, event.venue.name, event.capacity, counted.get(eventId) ?? ofTypes(Event.ticketTypeIdsOf(event))) },
    ];
    return { eventId, timeZone: event.timeZone, asOf: isoOf(now), items };
  },
);

const UNLIMITED = { quantityTotal: null, sold: null, held: null, available: null, returned: null, soldPerMille: null };
