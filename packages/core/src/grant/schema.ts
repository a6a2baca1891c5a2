import * as z from "zod";
import { EventIdSchema, UserIdSchema } from "../id.ts";
import { PageQuery } from "../page.ts";
import { ROLES, SCOPE_TYPES } from "../permission.ts";
import { Instant } from "../time.ts";

/** What can be granted for one thing. Nobody is an admin of one thing. */
export const GrantedRole = z
  .enum(ROLES, `Expected one of ${ROLES.join(", ")}.`)
  .exclude(["admin"], "Expected a role other than admin: PUT /users/{id}/role makes admins.");
export type GrantedRole = z.output<typeof GrantedRole>;

const ScopeType = z.enum(SCOPE_TYPES, `Expected one of ${SCOPE_TYPES.join(", ")}.`);
const ScopeId = z.string().regex(/^[a-z]{2,4}_[0-9A-HJKMNP-TV-Z]{26}$/, "Expected an id like evt_01J8Z3K4M5N6P7Q8R9S0T1V2W3.");
const isEventId = ({ type, id }: { type: string; id: string }) => type !== "event" || EventIdSchema.safeParse(id).success;
const A_WRONG_EVENT = { path: ["id"], error: "Expected the id of an event, like evt_01J8Z3K4M5N6P7Q8R9S0T1V2W3." };

export const GrantScope = z.strictObject({ type: ScopeType, id: ScopeId }).refine(isEventId, A_WRONG_EVENT);

const grant = { userId: UserIdSchema, role: GrantedRole, scope: GrantScope };
const scopeExample = { type: "event", id: "evt_01J8Z3K4M5N6P7Q8R9S0T1V2W3" } as const;
const expiresAt = Instant.optional().meta({ description: "When it ends by itself; left out: when yours does, or never." });

export const NewGrant = z
  .strictObject({ ...grant, expiresAt })
  .meta({ id: "NewGrant", example: { userId: "usr_01J8Z3K4M5N6P7Q8R9S0T1V2W3", role: "organizer", scope: scopeExample } });
export const GiveGrant = NewGrant;
export const TakeGrant = z.strictObject(grant);

export const NewOrganizer = z
  .strictObject({ userId: UserIdSchema, expiresAt })
  .meta({ id: "NewOrganizer", example: { userId: "usr_01J8Z3K4M5N6P7Q8R9S0T1V2W3", expiresAt: "2027-03-01T00:00:00Z" } });

/** A grant as a query names it. */
export const GrantQuery = z.strictObject({ userId: UserIdSchema, role: GrantedRole, scopeType: ScopeType, scopeId: ScopeId });

export const ListGrants = z
  .strictObject({ ...PageQuery, userId: UserIdSchema.optional(), scopeType: ScopeType.optional(), scopeId: ScopeId.optional() })
  .refine(({ userId, scopeType, scopeId }) => (userId === undefined) !== (scopeType === undefined) && (scopeType === undefined) === (scopeId === undefined), {
    path: ["userId"],
    error: "Give either userId, or scopeType and scopeId.",
  });
export const ListOrganizers = z.strictObject({ ...PageQuery, eventId: EventIdSchema });
export const NoInput = z.strictObject({});

export const GrantView = z
  .object({
    userId: z.string(),
    role: GrantedRole,
    scope: z.object({ type: ScopeType, id: z.string() }),
    expiresAt: z.string().nullable(),
    createdAt: z.string(),
  })
  .meta({
    id: "Grant",
    example: {
      ...{ userId: "usr_01J8Z3K4M5N6P7Q8R9S0T1V2W3", role: "organizer", scope: scopeExample },
      expiresAt: null,
      createdAt: "2026-11-02T09:00:00.000Z",
    },
  });
export type GrantView = z.output<typeof GrantView>;

export const OrganizerView = z
  .object({
    userId: z.string(),
    name: z.string().nullable(),
    email: z.string().nullable(),
    isOwner: z.boolean().meta({ description: "Whose event it is: they cannot be removed." }),
    expiresAt: z.string().nullable(),
    since: z.string(),
  })
  .meta({
    id: "Organizer",
    example: {
      ...{ userId: "usr_01J8Z3K4M5N6P7Q8R9S0T1V2W3", name: "Anna Rossi", email: "anna@example.com", isOwner: false },
      ...{ expiresAt: null, since: "2026-11-02T09:00:00.000Z" },
    },
  });
export type OrganizerView = z.output<typeof OrganizerView>;
