import * as z from "zod";
import { idSchema, UserIdSchema } from "../id.ts";

export const NoInput = z.strictObject({});
export const SessionIdSchema = idSchema("ses");
export const ASession = z.strictObject({ sessionId: SessionIdSchema });
export const OfUser = z.strictObject({ userId: UserIdSchema });

export const SessionView = z
  .object({
    id: z.string(),
    device: z.string().meta({ description: "Roughly, from the browser's own words" }),
    current: z.boolean().meta({ description: "The one that asks" }),
    startedAt: z.string(),
    lastSeenAt: z.string().meta({ description: "To within a quarter of an hour" }),
    revokedAt: z.string().nullable().meta({ description: "It ends everywhere within a minute of that." }),
  })
  .meta({
    id: "Session",
    example: {
      ...{ id: "ses_01J8Z3K4M5N6P7Q8R9S0T1V2W3", device: "Firefox on Linux", current: true },
      ...{ startedAt: "2026-11-02T09:00:00.000Z", lastSeenAt: "2026-11-02T09:15:00.000Z", revokedAt: null },
    },
  });
export type SessionView = z.output<typeof SessionView>;
