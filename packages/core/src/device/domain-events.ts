import * as z from "zod";
import { defineDomainEvent } from "../domain-event.ts";

const data = z.object({ deviceId: z.string(), eventId: z.string() });

export const DeviceCreated = defineDomainEvent("device.created", 1, data);
export const DevicePaired = defineDomainEvent("device.paired", 1, data);
export const DeviceRevoked = defineDomainEvent("device.revoked", 1, data);
