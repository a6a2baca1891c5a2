export { governed, refuseOwner, untilFor } from "./authority.ts";
export { type GrantRow } from "./entity.ts";
export { give } from "./give.ts";
export { find, list, listByUser, listMine, listOrganizers, viewOf } from "./read.ts";
export { take } from "./take.ts";
export { takeAll } from "./take-all.ts";
export { giving } from "./write.ts";
