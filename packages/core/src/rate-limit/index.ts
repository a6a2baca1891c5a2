export { count, type Standing } from "./count.ts";
export { tooMany } from "./errors.ts";
export { rateLimits, type RateClass } from "./rules/limits.ts";
export { take, type Permits, type Taken } from "./take.ts";
