import { staleVersion } from "../error.ts";
import { TEAM } from "../actor.ts";
import { capability } from "../capability.ts";
import { transact } from "../db/transact.ts";
import { EventRemoved } from "./domain-events.ts";
import { hasOrders } from "./errors.ts";
import { managedBy } from "./read.ts";
import type { Offer } from "./rules/status.ts";
import { RemoveEvent } from "./schema.ts";
import { deletionOf, subjectOf } from "./write.ts";

/**
 * Deletes a draft. Its ticket types are gone for everybody at once and are cleared away by the consumer of event.removed.
 * @throws event.not_found, event.has_orders, request.precondition_failed
 */
export const remove = capability("event.remove", { input: RemoveEvent, allow: TEAM, needs: "events:write" }, async ({ eventId, ifVersions }, { actor }) => {
  const event = await managedBy(actor, eventId);
  if (ifVersions && !ifVersions.includes(event.version)) throw staleVersion("Read the event again and repeat your change.");
  if (event.stage !== "draft") throw hasOrders(`It is in ${event.stage}: cancel it instead, so that its history stays.`);
  const ticketTypeIds = (event.offers as Offer[]).map((offer) => offer.ticketTypeId);
  await transact(subjectOf(event), [EventRemoved({ eventId, ticketTypeIds })], () => deletionOf(event));
});
