export { COPIES } from "./entity.ts";
export { readOneOf } from "./read.ts";
export { copying, uncopying } from "./write.ts";
