import * as z from "zod";
import { capability } from "../capability.ts";
import { transact } from "../db/transact.ts";
import { drop } from "../pool/index.ts";
import { TicketTypeRemoved } from "./domain-events.ts";
import { ownPoolsOf } from "./entity.ts";
import { find } from "./read.ts";
import { deletionOf, subjectOf } from "./write.ts";

const RemoveOfEvent = z.strictObject({ ticketTypeIds: z.array(z.string()) });

/** Clears away the types and the stock of a deleted draft. Repeating it finds nothing left to do. */
export const removeOfEvent = capability("ticket_type.remove_of_event", { input: RemoveOfEvent, allow: ["system"] }, async ({ ticketTypeIds }) => {
  for (const ticketTypeId of ticketTypeIds) {
    const type = await find(ticketTypeId);
    if (!type) continue;
    for (const pool of ownPoolsOf(type)) await drop(pool);
    await transact(subjectOf(type), [TicketTypeRemoved({ ticketTypeId: type.ticketTypeId, eventId: type.eventId })], () => deletionOf(type));
  }
});
