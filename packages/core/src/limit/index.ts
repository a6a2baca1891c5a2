export { Limits, type LimitClaim, type StandingShare } from "./entity.ts";
export { giveBack } from "./give-back.ts";
export { keep } from "./keep.ts";
export { read } from "./read.ts";
export { takeBack } from "./take-back.ts";
export { take } from "./take.ts";
