import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { personKeyFile, personKmsKeyId } from "@fashionistas/core/config";
import type { KeyMaster } from "@fashionistas/core/data-key";
import { nameOf } from "@fashionistas/core/error";

/**
 * Who opens the keys of personal data: the file of 32 bytes that PERSON_KEY_FILE names, else the KMS key of PERSON_KMS_KEY_ID.
 * @throws Error when neither is set, at first use
 */
export const keyMaster: KeyMaster = {
  make: () => chosen().make(),
  open: (sealed) => chosen().open(sealed),
};

function chosen(): KeyMaster {
  const [file, keyId] = [personKeyFile(), personKmsKeyId()];
  if (file) return fileMaster(file);
  if (keyId) return kmsMaster(keyId);
  throw new Error("set PERSON_KMS_KEY_ID to the KMS key of personal data, or PERSON_KEY_FILE to a file of 32 bytes");
}

/** Tells KMS, and its log, what a key is for; without the same words it does not open. */
const EncryptionContext = { purpose: "fashionistas-personal-data" };
const KEY_BYTES = 32;

// KMS is asked once by a process: the SDK for it is loaded then, not at every start.
function kmsMaster(KeyId: string): KeyMaster {
  const connect = async () => {
    const { DecryptCommand, GenerateDataKeyCommand, KMSClient } = await import("@aws-sdk/client-kms");
    return { kms: new KMSClient({ maxAttempts: 4 }), DecryptCommand, GenerateDataKeyCommand };
  };
  return {
    async make() {
      const { kms, GenerateDataKeyCommand } = await connect();
      const { Plaintext, CiphertextBlob } = await kms.send(new GenerateDataKeyCommand({ KeyId, KeySpec: "AES_256", EncryptionContext }));
      return { key: Buffer.from(Plaintext!), sealed: Buffer.from(CiphertextBlob!).toString("base64") };
    },
    async open(sealed) {
      const { kms, DecryptCommand } = await connect();
      const command = new DecryptCommand({ KeyId, CiphertextBlob: Buffer.from(sealed, "base64"), EncryptionContext });
      const { Plaintext } = await kms.send(command).catch((error: unknown) => {
        throw new Error(`KMS key ${KeyId} does not open the personal data of this table (${nameOf(error)})`, { cause: error });
      });
      return Buffer.from(Plaintext!);
    },
  };
}

function fileMaster(path: string): KeyMaster {
  const master = readFileSync(path);
  if (master.length !== KEY_BYTES)
    throw new Error(`PERSON_KEY_FILE ${path} must hold ${KEY_BYTES} bytes, not ${master.length}: put back the file that was there`);
  return {
    async make() {
      const [key, nonce] = [randomBytes(KEY_BYTES), randomBytes(12)];
      const cipher = createCipheriv("aes-256-gcm", master, nonce);
      const text = Buffer.concat([cipher.update(key), cipher.final()]);
      return { key, sealed: Buffer.concat([nonce, cipher.getAuthTag(), text]).toString("base64") };
    },
    async open(sealed) {
      const bytes = Buffer.from(sealed, "base64");
      const decipher = createDecipheriv("aes-256-gcm", master, bytes.subarray(0, 12)).setAuthTag(bytes.subarray(12, 28));
      try {
        return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]);
      } catch {
        throw new Error(`PERSON_KEY_FILE ${path} does not open the personal data of this table: put back the file it was written with, or start from nothing`);
      }
    },
  };
}
