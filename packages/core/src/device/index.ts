export { create, createdAs } from "./create.ts";
export { type DeviceRow } from "./entity.ts";
export { deviceKeyInvalid, deviceNotFound } from "./errors.ts";
export { find, get, list, noteUse, opens } from "./read.ts";
export { pair } from "./pair.ts";
export { revoke } from "./revoke.ts";
export { presentedIn } from "./secret.ts";
