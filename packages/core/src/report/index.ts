export { capacity } from "./capacity.ts";
export { sales } from "./sales.ts";
export { capacityCsv, salesCsv } from "./tables.ts";
