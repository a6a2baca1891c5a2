export { hasJournal as wasCreated } from "../db/journal.ts";
export { create } from "./create.ts";
export { poolOf, TicketTypes, type TicketTypeRow } from "./entity.ts";
export { allHeld, notEnough, notOnSale, soldOut, ticketTypeNotFound } from "./errors.ts";
export { fitStock } from "./fit-stock.ts";
export { availability, find, get, list, listByEvent, offeredTo, poolsOf, visibleTo } from "./read.ts";
export { remove } from "./remove.ts";
export { replace } from "./replace.ts";
export { removeOfEvent } from "./remove-of-event.ts";
