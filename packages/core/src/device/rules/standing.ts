/**
 * What has become of a device.
 *
 *   pairing   its code waits for a device
 *   lapsed    nobody used the code in time
 *   paired    its key opens, from `validFrom` (when there is one) until `validUntil`
 *   over      its time has passed
 *   revoked   somebody shut it out: before everything else, for ever
 *
 * Paired for 18:00 to 02:00: at 17:59 its status is paired and its key does not open yet, at 18:00 it does, at 02:00 it is over.
 */
import type { DeviceStatus } from "../schema.ts";

export type Standing = {
  codeUntil: string;
  validFrom?: string | undefined;
  validUntil: string;
  pairedAt?: string | undefined;
  revokedAt?: string | undefined;
};

export function statusAt(device: Standing, at: string): DeviceStatus {
  if (device.revokedAt !== undefined) return "revoked";
  if (at >= device.validUntil) return "over";
  if (device.pairedAt !== undefined) return "paired";
  return at < device.codeUntil ? "pairing" : "lapsed";
}

/** Does its key open at this instant? */
export function isOpenAt(device: Standing, at: string): boolean {
  return statusAt(device, at) === "paired" && at >= (device.validFrom ?? at);
}
