export { Limits, type LimitClaim, type StandingShare } from "./entity.ts";
export { giveBack } from "./give-back.ts";
export { take } from "./take.ts";
