import { createPrivateKey, createPublicKey, sign, verify, type KeyObject } from "node:crypto";
import { ticketSigningKey } from "../config.ts";

/**
 * What the QR code of a ticket says: `FT1.<ticketId>.<eventId>.<version>.<signature>`, the signature Ed25519 (base64url)
 * over everything before it. A door that knows the public key needs no network to trust it; the same ticket always has the
 * same credential, so it is never stored.
 */
const SCHEME = "FT1";

let keys: { privateKey: KeyObject; publicKey: KeyObject } | undefined;

function keyPair() {
  if (!keys) {
    const privateKey = createPrivateKey({ key: Buffer.from(ticketSigningKey(), "base64"), format: "der", type: "pkcs8" });
    keys = { privateKey, publicKey: createPublicKey(privateKey) };
  }
  return keys;
}

/** The signed credential of a ticket. */
export function credentialOf({ ticketId, eventId, credentialVersion }: { ticketId: string; eventId: string; credentialVersion: number }): string {
  const words = `${SCHEME}.${ticketId}.${eventId}.${credentialVersion}`;
  return `${words}.${sign(null, Buffer.from(words), keyPair().privateKey).toString("base64url")}`;
}

/** What a credential says, or undefined when it was not signed by us. */
export function readCredential(text: string): { ticketId: string; eventId: string; credentialVersion: number } | undefined {
  const [scheme, ticketId, eventId, version, signature, ...rest] = text.split(".");
  if (scheme !== SCHEME || !ticketId || !eventId || !version || !signature || rest.length > 0) return undefined;
  const words = Buffer.from(`${scheme}.${ticketId}.${eventId}.${version}`);
  if (!verify(null, words, keyPair().publicKey, Buffer.from(signature, "base64url"))) return undefined;
  return { ticketId, eventId, credentialVersion: Number(version) };
}

/** The public key that doors check with: SPKI, PEM. */
export function publicKeyPem(): string {
  return keyPair().publicKey.export({ format: "pem", type: "spki" }).toString();
}
