import * as z from "zod";
import { GrantedRole, GrantScope } from "../grant/schema.ts";
import { EventIdSchema, InvitationIdSchema } from "../id.ts";
import { PageQuery } from "../page.ts";
import { Contact, Phone } from "../person/schema.ts";
import { Line } from "../text.ts";
import { Instant } from "../time.ts";

const contact = {
  email: Contact.shape.email.optional(),
  phone: Phone.optional().meta({ description: "E.164. The invitation is sent to it on WhatsApp." }),
  name: Line(200).optional().meta({ description: "What they are called, when you know it." }),
};
const grantExpiresAt = Instant.optional().meta({ description: "When what they get ends by itself; left out: when yours does, or never." });
const oneContact = ({ email, phone }: { email?: string | undefined; phone?: string | undefined }) => (email === undefined) !== (phone === undefined);
const ONE_CONTACT = { path: ["email"], error: "Give an e-mail address or a phone number." };

/** An invitation to help organize an event. */
export const OrganizerInvitation = z
  .strictObject({ ...contact, grantExpiresAt })
  .refine(oneContact, ONE_CONTACT)
  .meta({ id: "OrganizerInvitation", example: { phone: "+39 333 1234567", name: "Anna Rossi" } });

type Asked = { role: string; scope?: unknown; grantExpiresAt?: string | undefined };
const invitation = {
  ...contact,
  grantExpiresAt,
  role: GrantedRole,
  scope: GrantScope.optional().meta({ description: "Left out: the role becomes their own." }),
};
const ownRole = ({ role, scope }: Asked) => scope !== undefined || role !== "attendee";
const OWN_ROLE = { path: ["role"], error: "Everybody is an attendee: give another role, or a scope." };
const ownRoleStays = ({ scope, grantExpiresAt: until }: Asked) => scope !== undefined || until === undefined;
const OWN_ROLE_STAYS = { path: ["grantExpiresAt"], error: "A role of one's own does not end by itself: leave it out, or give a scope." };

export const NewInvitation = z
  .strictObject(invitation)
  .refine(oneContact, ONE_CONTACT)
  .refine(ownRole, OWN_ROLE)
  .refine(ownRoleStays, OWN_ROLE_STAYS)
  .meta({ id: "NewInvitation", example: { email: "anna@example.com", role: "organizer" } });
export const Invite = z
  .strictObject({ ...invitation, invitationId: InvitationIdSchema })
  .refine(oneContact, ONE_CONTACT)
  .refine(ownRole, OWN_ROLE)
  .refine(ownRoleStays, OWN_ROLE_STAYS);

export const AnInvitation = z.strictObject({ invitationId: InvitationIdSchema });
export const AcceptInvitation = z
  .strictObject({ token: z.string().max(200) })
  .meta({ id: "AcceptInvitation", example: { token: "inv_01J8Z3K4M5N6P7Q8R9S0T1V2W3.…" } });

export const ListInvitations = z.strictObject({ ...PageQuery, eventId: EventIdSchema.optional() });

export const InvitationView = z
  .object({
    id: z.string(),
    status: z.enum(["open", "accepted", "withdrawn", "expired"]),
    role: GrantedRole,
    scope: z.object({ type: z.string(), id: z.string() }).nullable(),
    via: z.enum(["email", "whatsapp"]),
    name: z.string().nullable(),
    email: z.string().nullable(),
    phone: z.string().nullable(),
    expiresAt: z.string().meta({ description: "Until when it can be accepted." }),
    grantExpiresAt: z.string().nullable(),
    acceptedBy: z.string().nullable(),
    createdAt: z.string(),
  })
  .meta({
    id: "Invitation",
    example: {
      ...{ id: "inv_01J8Z3K4M5N6P7Q8R9S0T1V2W3", status: "open", role: "organizer", scope: { type: "event", id: "evt_01J8Z3K4M5N6P7Q8R9S0T1V2W3" } },
      ...{ via: "whatsapp", name: "Anna Rossi", email: null, phone: "+393331234567", expiresAt: "2026-11-09T09:00:00.000Z" },
      ...{ grantExpiresAt: null, acceptedBy: null, createdAt: "2026-11-02T09:00:00.000Z" },
    },
  });
export type InvitationView = z.output<typeof InvitationView>;

export const MadeInvitation = z
  .object({
    ...InvitationView.shape,
    token: z.string().nullable().meta({
      description: "By e-mail: the secret of the link, told only here. Pass it on yourself; we send no e-mails. By WhatsApp: null, we sent it.",
    }),
  })
  .meta({ id: "MadeInvitation", example: { ...(InvitationView.meta()!["example"] as object), token: null } });
export type MadeInvitation = z.output<typeof MadeInvitation>;

export const AcceptedInvitation = z
  .object({ role: GrantedRole, scope: z.object({ type: z.string(), id: z.string() }).nullable() })
  .meta({ id: "AcceptedInvitation", example: { role: "organizer", scope: { type: "event", id: "evt_01J8Z3K4M5N6P7Q8R9S0T1V2W3" } } });
export type AcceptedInvitation = z.output<typeof AcceptedInvitation>;
