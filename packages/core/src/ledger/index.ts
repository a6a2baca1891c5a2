export { LedgerRows, recording, type LedgerRow } from "./entity.ts";
export { isBooked, listByDay, listByOrder } from "./read.ts";
export { balanceOf, SIGN, type Balance } from "./rules/balance.ts";
