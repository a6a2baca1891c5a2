export { Limits, type LimitClaim, type StandingShare } from "./entity.ts";
export { giveBack } from "./give-back.ts";
export { read } from "./read.ts";
export { take } from "./take.ts";
