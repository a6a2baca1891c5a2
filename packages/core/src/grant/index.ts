export { type GrantRow } from "./entity.ts";
export { listByUser } from "./read.ts";
