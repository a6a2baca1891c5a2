export { roleNotFound } from "./errors.ts";
export { forget, get, list, listPermissions, permissionsByRole } from "./read.ts";
export { replace } from "./replace.ts";
