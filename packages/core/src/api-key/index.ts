export { create, createdBy } from "./create.ts";
export { type ApiKeyRow } from "./entity.ts";
export { apiKeyInvalid, apiKeyNotFound } from "./errors.ts";
export { find, get, list, managedBy, noteUse, opens } from "./read.ts";
export { removeAllOf } from "./remove-all-of.ts";
export { revoke } from "./revoke.ts";
export { rotate, rotatedBy } from "./rotate.ts";
export { presentedIn } from "./secret.ts";
