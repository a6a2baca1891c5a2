export { countingKeysOf, People, personIdOf, remembering, type PersonRow } from "./entity.ts";
export { find } from "./read.ts";
export { Contact, Phone } from "./schema.ts";
