export { accept } from "./accept.ts";
export { type InvitationRow } from "./entity.ts";
export { invitationNotFound } from "./errors.ts";
export { invite } from "./invite.ts";
export { find, isOpen, list, remake, scopeOf } from "./read.ts";
export { tokenOf } from "./token.ts";
export { withdraw } from "./withdraw.ts";
