export { COPIES } from "./entity.ts";
export { readOneOf } from "./read.ts";
export { copying, removeCopies, uncopying } from "./write.ts";
