export { PersonErased } from "./domain-events.ts";
export { countingKeysOf, emailKeyOf, erasing, personIdOf, phoneKeyOf, type PersonRow } from "./entity.ts";
export { find, findAll, listByKeys, listStanding, type ContactKeys, type KnownPerson } from "./read.ts";
export { naming, remembering, type IdOf } from "./remember.ts";
export { Contact, type Known, Phone } from "./schema.ts";
