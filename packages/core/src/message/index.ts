export { advance } from "./advance.ts";
export { begin } from "./begin.ts";
export { type MessageRow } from "./entity.ts";
export { postpone } from "./postpone.ts";
export { confirmationKey, find, invitationKey, regretKey } from "./read.ts";
export { type MessageStatus } from "./rules/status.ts";
