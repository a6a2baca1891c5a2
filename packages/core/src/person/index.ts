export { countingKeysOf, emailKeyOf, People, personIdOf, phoneKeyOf, remembering, type PersonRow } from "./entity.ts";
export { find, findAll } from "./read.ts";
export { Contact, Phone } from "./schema.ts";
