import { standing, type Head, type Subject } from "../db/journal.ts";
import { write, type Write } from "../db/transact.ts";
import { KEPT } from "../kept.ts";
import { DAY_MS, msOf, secondsOf } from "../time.ts";
import { Devices, type DeviceRow } from "./entity.ts";

/** The device as its journal sees it. */
export function subjectOf(device: DeviceRow): Subject {
  return standing("device", device.deviceId, device);
}

type Change = Partial<Pick<DeviceRow, "pairedAt" | "digest" | "revokedAt">>;

/** A change of the device, on condition that nobody changed it since it was read. */
export function changeOf(device: DeviceRow, head: Head, change: Change, refused?: Write["refused"]): Write {
  const patch = Devices.patch({ deviceId: device.deviceId }).set({ ...change, ...head });
  return write(
    patch.where(({ version }, { eq }) => eq(version, device.version)),
    refused,
  );
}

/** When the row of a device whose time ends then may go. */
export function ttlAfter(endsAt: string): number {
  return secondsOf(msOf(endsAt) + KEPT.credentials.days() * DAY_MS);
}
