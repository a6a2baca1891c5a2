import { generateKeyPairSync, randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { writeWhole } from "./data-dir.ts";

export type Keys = {
  PERSON_HASH_KEY: string;
  ORDER_TOKEN_KEY: string;
  INVITATION_TOKEN_KEY: string;
  TICKET_SIGNING_KEY: string;
  STRIPE_SECRET_KEY: string;
  STRIPE_WEBHOOK_SECRET: string;
  WATI_ACCESS_TOKEN: string;
  WATI_WEBHOOK_TOKEN: string;
  WATI_TENANT_ID: string;
  /** The local issuer's RSA key: PKCS#8 PEM. */
  issuerKey: string;
};

/** The keys of this data folder, made on the first start. @throws Error when the file is damaged */
export function loadKeys(dataDir: string): Keys {
  const path = join(dataDir, "keys.json");
  if (!existsSync(path)) writeWhole(path, JSON.stringify(newKeys(), null, 2));
  try {
    const keys = JSON.parse(readFileSync(path, "utf8")) as Keys;
    const missing = Object.keys(newNames).filter((name) => typeof keys[name as keyof Keys] !== "string");
    if (missing.length > 0) throw new Error(`it lacks ${missing.join(", ")}`);
    return keys;
  } catch (error) {
    throw new Error(
      `The keys in ${path} cannot be read (${error instanceof Error ? error.message : String(error)}). Put the file back as it was, or start from nothing with: pnpm dev --fresh`,
    );
  }
}

/** The file of 32 bytes that opens the personal data of this data folder, made on the first start. @returns its path */
export function loadPersonKey(dataDir: string): string {
  const path = join(dataDir, "person.key");
  if (!existsSync(path)) writeWhole(path, randomBytes(32));
  return path;
}

const newNames: Record<keyof Keys, true> = {
  PERSON_HASH_KEY: true,
  ORDER_TOKEN_KEY: true,
  INVITATION_TOKEN_KEY: true,
  TICKET_SIGNING_KEY: true,
  STRIPE_SECRET_KEY: true,
  STRIPE_WEBHOOK_SECRET: true,
  WATI_ACCESS_TOKEN: true,
  WATI_WEBHOOK_TOKEN: true,
  WATI_TENANT_ID: true,
  issuerKey: true,
};

/** A fresh set of keys. */
export function newKeys(): Keys {
  const secret = () => randomBytes(32).toString("base64url");
  const { privateKey: ticketKey } = generateKeyPairSync("ed25519");
  const { privateKey: issuerKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return {
    PERSON_HASH_KEY: secret(),
    ORDER_TOKEN_KEY: secret(),
    INVITATION_TOKEN_KEY: secret(),
    TICKET_SIGNING_KEY: ticketKey.export({ format: "der", type: "pkcs8" }).toString("base64"),
    STRIPE_SECRET_KEY: `sk_test_${secret().replace(/[-_]/g, "0")}`,
    STRIPE_WEBHOOK_SECRET: `whsec_${secret()}`,
    WATI_ACCESS_TOKEN: secret(),
    WATI_WEBHOOK_TOKEN: secret(),
    WATI_TENANT_ID: "1000",
    issuerKey: issuerKey.export({ format: "pem", type: "pkcs8" }).toString(),
  };
}
