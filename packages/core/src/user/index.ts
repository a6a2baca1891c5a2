export { appear } from "./appear.ts";
export { assignRole } from "./assign-role.ts";
export { userIdFor, type UserRow } from "./entity.ts";
export { suspended, userNotFound } from "./errors.ts";
export { forget, recall, remember } from "./known.ts";
export { find, get, list, listByContact, listByIds, me, search, theActive, theUser } from "./read.ts";
export { replaceProfile } from "./replace-profile.ts";
export { reinstate, suspend } from "./suspend.ts";
export { accessChangeOf, changeOf, subjectOf } from "./write.ts";
