export { PriceChanges, type PriceChangeRow } from "./entity.ts";
export { pageOfType } from "./read.ts";
export { adding, type NewPrice } from "./write.ts";
