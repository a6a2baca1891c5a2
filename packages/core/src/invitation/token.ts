import { createHmac, timingSafeEqual } from "node:crypto";
import { invitationTokenKey } from "../config.ts";
import { InvitationIdSchema, type InvitationId } from "../id.ts";

const VERSION = "v1";

/** The secret of an invitation's link: its id and what only we can make of it. Never stored. */
export function tokenOf(invitationId: string): string {
  return `${invitationId}.${createHmac("sha256", invitationTokenKey()).update(`${VERSION}:${invitationId}`).digest("base64url")}`;
}

/** The invitation whose secret this is, or undefined. In constant time. */
export function invitationIn(token: string): InvitationId | undefined {
  const id = InvitationIdSchema.safeParse(token.split(".")[0]);
  if (!id.success) return undefined;
  const [expected, given] = [Buffer.from(tokenOf(id.data)), Buffer.from(token)];
  return given.length === expected.length && timingSafeEqual(given, expected) ? id.data : undefined;
}
