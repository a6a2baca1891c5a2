export { bookFee } from "./book-fee.ts";
export { confirm } from "./confirm.ts";
export { LedgerRows, recording, type LedgerRow } from "./entity.ts";
export { list, viewOf } from "./list.ts";
export { between, isBooked, listByOrder, pageByDay } from "./read.ts";
export { balanceOf, SIGN, type Balance } from "./rules/balance.ts";
