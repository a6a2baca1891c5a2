import type { DeviceId } from "../id.ts";
import { digestOf, newSecret, secretOf } from "../secret.ts";
import type { DeviceRow } from "./entity.ts";

/** Without I, L, O and U: what is read aloud or from a screen is taken for nothing else. */
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LENGTH = 8;

/** The code by which a device is paired, of 40 bits: `7KQX-2M9D`. Never stored: made again for whoever repeats the call that made it. */
export function pairingCodeOf({ deviceId, seed }: Pick<DeviceRow, "deviceId" | "seed">): string {
  const bytes = secretOf("pairing-code", [deviceId, seed]);
  const text = Array.from({ length: LENGTH }, (_, i) => ALPHABET[bytes[i]! & 31]).join("");
  return `${text.slice(0, LENGTH / 2)}-${text.slice(LENGTH / 2)}`;
}

/** What is kept of a code, however it was typed. Keyed, because there are so few codes that each could be tried. */
export function codeHashOf(code: string): string {
  const plain = code.toUpperCase().replace(/[\s-]/g, "").replace(/O/g, "0").replace(/[IL]/g, "1");
  return secretOf("pairing-code-hash", [plain]).toString("base64url");
}

/** A new key for a device. */
export function newDeviceKey(deviceId: string): string {
  return `${deviceId.replace(/^dvc_/, "fd_")}_${newSecret()}`;
}

/** What X-Device-Key says: which device, and the digest of its key. Undefined when it cannot be one. */
export function presentedIn(text: string): { deviceId: DeviceId; digest: string } | undefined {
  const id = /^fd_([0-9A-HJKMNP-TV-Z]{26})_[\w-]{43}$/.exec(text)?.[1];
  return id === undefined ? undefined : { deviceId: `dvc_${id}`, digest: digestOf(text) };
}
