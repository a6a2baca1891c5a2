import type { Actor } from "../actor.ts";
import { now } from "../context.ts";
import * as Device from "../device/index.ts";
import type { EventId } from "../id.ts";

/**
 * The door device that a request brings the key of. Its row is read at every call, so that one that was lost is shut out at once;
 * doors are few. Whatever is wrong with a key, the answer is the same.
 * @throws device.key_invalid
 */
export async function admitDevice(text: string): Promise<Extract<Actor, { kind: "device" }>> {
  const presented = Device.presentedIn(text);
  if (!presented) throw Device.deviceKeyInvalid();
  const at = now();
  const device = await Device.find(presented.deviceId);
  if (!Device.opens(device, presented.digest, at)) throw Device.deviceKeyInvalid();
  await Device.noteUse(device, at);
  const { deviceId, eventId, checkInListIds } = device;
  return { kind: "device", deviceId, eventId: eventId as EventId, checkInListIds };
}
