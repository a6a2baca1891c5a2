import { TEAM } from "../actor.ts";
import { capability } from "../capability.ts";
import * as PriceChange from "../price-change/index.ts";
import { managedBy } from "./read.ts";
import { GetPriceHistory } from "./schema.ts";

/** How the price of a type came about, newest first, for whoever manages it. @throws ticket_type.not_found */
export const priceHistory = capability(
  "ticket_type.price_history",
  { input: GetPriceHistory, allow: TEAM, needs: "ticket_types:read" },
  async ({ ticketTypeId, ...page }, { actor }) => {
    await managedBy(actor, ticketTypeId);
    return PriceChange.pageOfType(ticketTypeId, page);
  },
);
