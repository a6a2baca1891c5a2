/**
 * An invitation: somebody who may not be a user yet gets a role, for one thing or as their own, once they accept with the
 * secret of its link.
 *
 *  1. Whoever has its link, and whoever sends it, opens it by id.        byId
 *  2. It is accepted or withdrawn, once.                                 byId: open
 *  3. Who manages a thing, and admins, list the invitations to it.       byList
 *
 * The secret is made from the id and never stored. That it is accepted is the user's story and stands in their journal; that it
 * is made or withdrawn is its own. Whom it is for is a person; what they must have proved to be theirs is a keyed hash.
 */
import { Entity, type EntityItem } from "electrodb";
import { tableName } from "../config.ts";
import { client } from "../db/client.ts";
import { SERVICE } from "../db/service.ts";

export const Invitations = new Entity(
  {
    model: { entity: "invitation", version: "1", service: SERVICE },
    attributes: {
      invitationId: { type: "string", required: true },
      status: { type: ["open", "accepted", "withdrawn"] as const, required: true },
      role: { type: ["organizer", "sponsor", "designer", "model", "attendee"] as const, required: true },
      /** Absent: the role becomes the user's own. */
      scopeType: { type: ["event", "sponsor", "designer", "allocation"] as const },
      scopeId: { type: "string" },
      /** What it is listed under: `event#evt_…`, or `role`. */
      list: { type: "string", required: true },
      via: { type: ["email", "whatsapp"] as const, required: true },
      personId: { type: "string", required: true },
      contactKey: { type: "string", required: true },
      /** Kind and id of who invited, and the user they are: it is worth what they may still give when it is accepted. */
      invitedBy: { type: "any", required: true },
      inviterId: { type: "string", required: true },
      grantUntil: { type: "string" },
      expiresAt: { type: "string", required: true },
      acceptedBy: { type: "string" },
      createdAt: { type: "string", required: true },
      updatedAt: { type: "string", required: true },
      version: { type: "number", required: true },
      auditHash: { type: "string", required: true },
    },
    indexes: {
      byId: {
        pk: { field: "pk", composite: ["invitationId"], template: "INVITATION#${invitationId}", casing: "none" },
        sk: { field: "sk", composite: [], template: "INVITATION", casing: "none" },
      },
      byList: {
        index: "gsi1",
        pk: { field: "gsi1pk", composite: ["list"], template: "INVITATIONS#${list}", casing: "none" },
        sk: { field: "gsi1sk", composite: ["createdAt", "invitationId"], template: "${createdAt}#${invitationId}", casing: "none" },
      },
    },
  },
  { client, table: tableName() },
);

export type InvitationRow = EntityItem<typeof Invitations>;

/** What the invitations to a thing, or to a role of one's own, are listed under. */
export function listOf(scope: { type: string; id: string } | undefined): string {
  return scope ? `${scope.type}#${scope.id}` : "role";
}
