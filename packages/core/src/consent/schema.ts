import * as z from "zod";
import { Instant } from "../time.ts";

export const Channel = z.enum(["whatsapp", "email"]);
export type Channel = z.output<typeof Channel>;

export const ConsentState = z.enum(["granted", "withdrawn"]);
export type ConsentState = z.output<typeof ConsentState>;

export const RecordConsent = z.strictObject({
  channel: Channel,
  /** Keyed hash of the phone number or e-mail address. */
  channelKey: z.string(),
  state: ConsentState,
  source: z.string().regex(/^(order:ord_\w+|me|webhook:[a-z]+)$/),
  at: Instant,
});

/** Body of PUT /me/consents: what is left out stays as it is. */
export const MyConsents = z
  .strictObject({ whatsapp: z.boolean().optional(), email: z.boolean().optional() })
  .refine(({ whatsapp, email }) => whatsapp !== undefined || email !== undefined, "Name a channel: whatsapp or email.")
  .meta({ id: "ConsentChoices", example: { whatsapp: true, email: false } });

export const ConsentEntry = z.object({ channel: Channel, state: ConsentState, source: z.string(), at: z.string() });
export type ConsentEntry = z.output<typeof ConsentEntry>;

const example = { channel: "whatsapp" as const, state: "granted" as const, source: "order:ord_01J8Z3K4M5N6P7Q8R9S0T1V2W3", at: "2026-11-02T09:00:00.000Z" };

export const ConsentsView = z
  .object({
    whatsapp: z.boolean().nullable().meta({ description: "May we write to you there? Null: you never said, or no number of yours is verified." }),
    email: z.boolean().nullable(),
    history: z.array(ConsentEntry).meta({ description: "All you ever said about it, the latest first." }),
  })
  .meta({ id: "Consents", example: { whatsapp: true, email: null, history: [example] } });
export type ConsentsView = z.output<typeof ConsentsView>;
