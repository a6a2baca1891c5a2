import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { optional } from "@fashionistas/core/config";
import * as DataKey from "@fashionistas/core/data-key";
import { nameOf } from "@fashionistas/core/error";

/**
 * Who opens the keys of personal data: the file of 32 bytes that PERSON_KEY_FILE names, else the KMS key of PERSON_KMS_KEY_ID.
 * @throws Error when neither is set, at first use
 */
export const keyMaster: DataKey.KeyMaster = {
  make: () => chosen().make(),
  open: (sealed) => chosen().open(sealed),
};

function chosen(): DataKey.KeyMaster {
  const [file, keyId] = [optional("PERSON_KEY_FILE", undefined), optional("PERSON_KMS_KEY_ID", undefined)];
  if (file) return fileMaster(file);
  if (keyId) return kmsMaster(keyId);
  throw new Error("set PERSON_KMS_KEY_ID to the KMS key of personal data, or PERSON_KEY_FILE to a file of 32 bytes");
}

/** Tells KMS, and its log, what a key is for; without the same words it does not open. */
const EncryptionContext = { purpose: "fashionistas-personal-data" };
const KEY_BYTES = 32;

// KMS is asked once by a process: the SDK for it is loaded then, not at every start.
function kmsMaster(KeyId: string): DataKey.KeyMaster {
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

function fileMaster(path: string): DataKey.KeyMaster {
  const master = readFileSync(path);
  if (master.length !== KEY_BYTES)
    throw new Error(`PERSON_KEY_FILE ${path} must hold ${KEY_BYTES} bytes, not ${master.length}: put back the file that was there`);
  return {
    async make() {
      const key = randomBytes(KEY_BYTES);
      return { key, sealed: DataKey.seal(master, EncryptionContext.purpose, key) };
    },
    async open(sealed) {
      const key = DataKey.unseal(master, EncryptionContext.purpose, sealed);
      if (key) return key;
      throw new Error(`PERSON_KEY_FILE ${path} does not open the personal data of this table: put back the file it was written with, or start from nothing`);
    },
  };
}
