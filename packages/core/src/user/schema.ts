import * as z from "zod";
import { UserIdSchema } from "../id.ts";
import { PageQuery } from "../page.ts";
import { Phone } from "../person/schema.ts";
import { Role } from "../role/schema.ts";
import { Line } from "../text.ts";

const Email = z.string().trim().max(254).toLowerCase().pipe(z.email("Expected an e-mail address like anna@example.com."));

/** What the issuer says of somebody; only what it verified. */
export const Appear = z.strictObject({
  userId: UserIdSchema,
  name: Line(200).optional(),
  email: Email.optional(),
  phone: Phone.optional(),
  /** Epoch seconds at which the session began. */
  startedAt: z.int(),
  /** The stage's configuration makes them an admin. */
  appoint: z.boolean(),
});
export type Appear = z.output<typeof Appear>;

export const AUser = z.strictObject({ userId: UserIdSchema });
export const NoInput = z.strictObject({});

export const Profile = z.strictObject({ name: Line(200) }).meta({ id: "Profile", example: { name: "Anna Rossi" } });

export const RoleAssignment = z.strictObject({ role: Role }).meta({ id: "RoleAssignment", example: { role: "organizer" } });
export const AssignRole = z.strictObject({ userId: UserIdSchema, role: Role });

export const ListUsers = z.strictObject({ ...PageQuery, role: Role.exclude(["attendee"], "Attendees are found with POST /users/search.") });

/** In a body, not in a URL: URLs are logged. */
export const SearchUsers = z
  .strictObject({ email: Email.optional(), phone: Phone.optional() })
  .refine(({ email, phone }) => (email === undefined) !== (phone === undefined), { path: ["email"], error: "Give an e-mail or a phone number." })
  .meta({ id: "SearchUsers", example: { email: "anna@example.com" } });

/** A user as they see themselves, and as admins see them. */
export const UserView = z
  .object({
    id: z.string(),
    role: Role,
    status: z.enum(["active", "suspended", "erasing", "erased"]),
    name: z.string().nullable(),
    email: z.string().nullable(),
    phone: z.string().nullable(),
    createdAt: z.string(),
    updatedAt: z.string(),
    version: z.int(),
  })
  .meta({
    id: "User",
    example: {
      ...{ id: "usr_01J8Z3K4M5N6P7Q8R9S0T1V2W3", role: "attendee", status: "active", name: "Anna Rossi", email: "anna@example.com", phone: null },
      ...{ createdAt: "2026-11-02T09:00:00.000Z", updatedAt: "2026-11-02T09:00:00.000Z", version: 1 },
    },
  });
export type UserView = z.output<typeof UserView>;
