import { capability } from "../capability.ts";
import * as Ledger from "../ledger/index.ts";
import { orderNotFound } from "./errors.ts";
import { accessTo } from "./read.ts";
import { AnOrder } from "./schema.ts";

/** All money of an order and what it adds up to, for the event's team. @throws order.not_found, for its buyer too */
export const ledger = capability("order.ledger", { input: AnOrder, allow: ["organizer", "admin"] }, async ({ orderId }, { actor }) => {
  const { order, staff } = await accessTo(actor, orderId);
  if (!staff) throw orderNotFound();
  const rows = (await Ledger.listByOrder(orderId)).sort((a, b) => (a.at < b.at ? -1 : 1));
  const balance = Ledger.balanceOf(rows.filter(({ currency }) => currency === order.currency));
  return { items: rows.map(Ledger.viewOf), currency: order.currency, ...balance };
});
