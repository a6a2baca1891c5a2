import { TEAM } from "../actor.ts";
import { capability } from "../capability.ts";
import * as Ledger from "../ledger/index.ts";
import { managedBy } from "./read.ts";
import { AnOrder } from "./schema.ts";

/** All money of an order and what it adds up to, for the event's team. @throws order.not_found, for its buyer too */
export const ledger = capability("order.ledger", { input: AnOrder, allow: TEAM, needs: "ledger:read" }, async ({ orderId }, { actor }) => {
  const order = await managedBy(actor, orderId);
  const rows = (await Ledger.listByOrder(orderId)).sort((a, b) => (a.at < b.at ? -1 : 1));
  const balance = Ledger.balanceOf(rows.filter(({ currency }) => currency === order.currency));
  return { items: rows.map(Ledger.viewOf), currency: order.currency, ...balance };
});
