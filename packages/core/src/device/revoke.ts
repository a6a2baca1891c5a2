import { capability } from "../capability.ts";
import { transact } from "../db/transact.ts";
import { isoOf } from "../time.ts";
import { DeviceRevoked } from "./domain-events.ts";
import { managedBy } from "./read.ts";
import { ADevice } from "./schema.ts";
import { changeOf, subjectOf } from "./write.ts";

/** Shuts a device out, everywhere at once, and its code with it. Doing it again changes nothing. @throws device.not_found */
export const revoke = capability(
  "device.revoke",
  { input: ADevice, allow: ["organizer", "admin"], needs: "devices:write" },
  async ({ deviceId }, { actor, now }) => {
    const device = await managedBy(actor, deviceId);
    if (device.revokedAt !== undefined) return;
    const revoked = DeviceRevoked({ deviceId, eventId: device.eventId });
    await transact(subjectOf(device), [revoked], (head) => [changeOf(device, head, { revokedAt: isoOf(now) })]);
  },
);
