export { LedgerRows, listByOrder, recording, type LedgerRow } from "./entity.ts";
