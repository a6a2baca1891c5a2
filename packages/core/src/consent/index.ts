export { choose } from "./choose.ts";
export { type ConsentRow } from "./entity.ts";
export { consentsOf, history, isGranted, latest, mine } from "./read.ts";
export { record } from "./record.ts";
export { meantBy } from "./rules/words.ts";
