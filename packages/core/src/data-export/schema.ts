import * as z from "zod";
import { UserIdSchema } from "../id.ts";

export const ExportPhase = z.enum(["collecting", "ready", "gone"]);

export const CollectExport = z.strictObject({ userId: UserIdSchema, n: z.int(), step: z.int().optional() });

/** How far an export came. */
export const DataExportView = z
  .object({
    id: z.string(),
    phase: ExportPhase.exclude(["gone"]),
    requestedAt: z.string(),
    readyAt: z.string().nullable(),
    expiresAt: z.string().meta({ description: "After this it cannot be opened by anybody any more." }),
    download: z.string().nullable().meta({ description: "Path of the document; null until it is ready." }),
  })
  .meta({
    id: "DataExport",
    example: {
      ...{ id: "exp_01J8Z3K4M5N6P7Q8R9S0T1V2W3-1", phase: "ready", requestedAt: "2026-11-02T09:00:00.000Z", readyAt: "2026-11-02T09:00:03.000Z" },
      ...{ expiresAt: "2026-11-09T09:00:00.000Z", download: "/me/export/download" },
    },
  });
export type DataExportView = z.output<typeof DataExportView>;

const Something = z.record(z.string(), z.unknown());

/** Everything we hold about somebody, in plain words. */
export const PersonalData = z
  .object({
    exportedAt: z.string(),
    account: Something,
    contacts: z.array(Something).meta({ description: "Every way in which you were named to us." }),
    sessions: z.array(Something),
    grants: z.array(Something),
    consents: z.array(Something),
    orders: z.array(Something).meta({ description: "What you bought, with tickets, refunds and the messages about it." }),
  })
  .meta({
    id: "PersonalData",
    example: {
      exportedAt: "2026-11-02T09:00:03.000Z",
      account: { id: "usr_01J8Z3K4M5N6P7Q8R9S0T1V2W3", role: "attendee", name: "Anna Rossi", email: "anna@example.com" },
      contacts: [{ name: "Anna Rossi", email: "anna@example.com", since: "2026-11-02T09:00:00.000Z" }],
      sessions: [],
      grants: [],
      consents: [],
      orders: [],
    },
  });
export type PersonalData = z.output<typeof PersonalData>;
