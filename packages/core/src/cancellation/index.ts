export { advance, recheck } from "./advance.ts";
export { NONE, type CancellationRow, type Counts } from "./entity.ts";
export { find, get, listDue } from "./read.ts";
export { start } from "./start.ts";
