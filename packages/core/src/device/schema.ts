import * as z from "zod";
import { CheckInListIdSchema, DeviceIdSchema, EventIdSchema } from "../id.ts";
import { PageQuery } from "../page.ts";
import { Line } from "../text.ts";
import { Instant, isInstant } from "../time.ts";

/** What has become of a device: `rules/standing.ts`. */
export const DEVICE_STATUSES = ["pairing", "lapsed", "paired", "over", "revoked"] as const;
export type DeviceStatus = (typeof DEVICE_STATUSES)[number];

const fields = {
  eventId: EventIdSchema,
  name: Line(100),
  checkInListIds: z
    .array(CheckInListIdSchema)
    .max(50, "At most 50 lists.")
    .refine((ids) => new Set(ids).size === ids.length, "Name each list once.")
    .default([])
    .meta({ description: "The lists it may check in on; all of the event, when there are none" }),
  validFrom: Instant.optional().meta({ description: "At once, when left out" }),
  validUntil: Instant.optional().meta({ description: "A day after the event's end, when left out" }),
};

export const DeviceDocument = z
  .strictObject(fields)
  .refine(({ validFrom, validUntil }) => !isInstant(validFrom) || !isInstant(validUntil) || validFrom < validUntil, {
    path: ["validUntil"],
    error: "Must be after validFrom.",
  })
  .meta({ id: "DeviceDocument", example: { eventId: "evt_01J8Z3K4M5N6P7Q8R9S0T1V2W3", name: "North gate" } });

export const CreateDevice = DeviceDocument.safeExtend({ deviceId: DeviceIdSchema });

export const ADevice = z.strictObject({ deviceId: DeviceIdSchema });
export const ListDevices = z.strictObject({ ...PageQuery, eventId: EventIdSchema });

const example = {
  ...{ id: "dvc_01J8Z3K4M5N6P7Q8R9S0T1V2W3", eventId: "evt_01J8Z3K4M5N6P7Q8R9S0T1V2W3", name: "North gate", status: "pairing" as const },
  ...{ checkInListIds: [], validFrom: null, validUntil: "2027-02-25T22:00:00.000Z", pairedAt: null, lastSeenAt: null, revokedAt: null },
  ...{ createdAt: "2026-11-02T09:00:00.000Z", updatedAt: "2026-11-02T09:00:00.000Z", version: 1 },
};

export const DeviceView = z
  .object({
    id: z.string(),
    eventId: z.string(),
    name: z.string(),
    status: z.enum(DEVICE_STATUSES),
    checkInListIds: z.array(z.string()),
    validFrom: z.string().nullable(),
    validUntil: z.string(),
    pairedAt: z.string().nullable(),
    lastSeenAt: z.string().nullable().meta({ description: "To within a quarter of an hour" }),
    revokedAt: z.string().nullable(),
    createdAt: z.string(),
    updatedAt: z.string(),
    version: z.int(),
  })
  .meta({ id: "Device", example });
export type DeviceView = z.output<typeof DeviceView>;

/** A device that waits to be paired. */
export const Pairing = z
  .object({
    device: DeviceView,
    pairingCode: z.string().nullable().meta({ description: "For POST /devices/pair, once; null when it can no longer be used" }),
    expiresAt: z.string().meta({ description: "Of the code" }),
  })
  .meta({ id: "Pairing", example: { device: example, pairingCode: "7KQX-2M9D", expiresAt: "2026-11-02T09:10:00.000Z" } });
export type Pairing = z.output<typeof Pairing>;

export const PairDevice = z
  .strictObject({ code: z.string().min(1, "Give the code.").max(32, "Expected a code like 7KQX-2M9D.") })
  .meta({ id: "PairDevice", example: { code: "7KQX-2M9D" } });

export const PairedDevice = z.object({ device: DeviceView, deviceKey: z.string().meta({ description: "For X-Device-Key. Shown now and never again" }) }).meta({
  id: "PairedDevice",
  example: {
    device: { ...example, status: "paired" as const, pairedAt: "2026-11-02T09:01:00.000Z" },
    deviceKey: "fd_01J8Z3K4M5N6P7Q8R9S0T1V2W3_Qm9va3MgYXJlIGEgdW5pcXVlbHkgcG9ydGFibGUgbWE",
  },
});
export type PairedDevice = z.output<typeof PairedDevice>;
