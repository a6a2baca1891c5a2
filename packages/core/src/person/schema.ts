import * as z from "zod";
import { Line } from "../text.ts";

/** E.164, written with or without spaces, dots, hyphens and brackets. */
export const Phone = z
  .string()
  .max(40)
  .transform((text) => text.replace(/[\s().-]/g, ""))
  .pipe(z.string().regex(/^\+[1-9][0-9]{6,14}$/, "Expected a phone number with country code like +39 02 1234 5678."));

/** How somebody describes themselves. */
export const Contact = z
  .strictObject({
    name: Line(200),
    email: z.string().trim().max(254).toLowerCase().pipe(z.email("Expected an e-mail address like anna@example.com.")),
    phone: Phone.optional(),
  })
  .meta({ id: "Contact", example: { name: "Anna Rossi", email: "anna@example.com", phone: "+39 333 1234567" } });
export type Contact = z.output<typeof Contact>;

/** Somebody as we know them: whoever was invited, by one contact alone. */
export type Known = Omit<Contact, "email"> & { email?: string | undefined };
