export { PriceChanges, type PriceChangeRow } from "./entity.ts";
export { listSince, pageOfType } from "./read.ts";
export { adding, type NewPrice } from "./write.ts";
