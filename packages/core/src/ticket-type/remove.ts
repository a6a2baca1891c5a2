import { staleVersion } from "../error.ts";
import { TEAM } from "../actor.ts";
import { capability } from "../capability.ts";
import { transact } from "../db/transact.ts";
import * as Event from "../event/index.ts";
import { drop } from "../pool/index.ts";
import { TicketTypeRemoved } from "./domain-events.ts";
import { ownPoolsOf } from "./entity.ts";
import { typeHasOrders } from "./errors.ts";
import { managedBy } from "./read.ts";
import { RemoveTicketType } from "./schema.ts";
import { deletionOf, subjectOf } from "./write.ts";

/**
 * Deletes a type that was never on sale. Once its event is published a type is made inactive instead: orders may know it.
 * @throws ticket_type.not_found, ticket_type.has_orders, request.precondition_failed
 */
export const remove = capability(
  "ticket_type.remove",
  { input: RemoveTicketType, allow: TEAM, needs: "ticket_types:write" },
  async ({ ticketTypeId, ifVersions }, { actor }) => {
    const { type, event } = await managedBy(actor, ticketTypeId);
    if (ifVersions && !ifVersions.includes(type.version)) throw staleVersion("Read the ticket type again and repeat your change.");
    if (event.stage !== "draft" && event.stage !== "review") throw typeHasOrders("Set isActive to false instead: the event has been published.");
    const offers = (event.offers as Event.Offer[]).filter((offer) => offer.ticketTypeId !== ticketTypeId);
    await transact(subjectOf(type), [TicketTypeRemoved({ ticketTypeId, eventId: event.eventId })], () => [
      ...deletionOf(type),
      ...Event.offering(event, offers),
    ]);
    for (const pool of ownPoolsOf(type)) await drop(pool);
  },
);
