import * as z from "zod";
import { capability } from "../capability.ts";
import * as DataKey from "../data-key/index.ts";
import { transact, write } from "../db/transact.ts";
import { ErasureIdSchema } from "../id.ts";
import { find } from "./read.ts";
import { AnErasure } from "./schema.ts";
import { changeOf, subjectOf } from "./write.ts";

/** What the issuer calls whom it must forget; undefined when it was asked already, or nobody signed in. */
export const subjectToForget = capability(
  "erasure.subject_to_forget",
  { input: AnErasure, allow: ["system"] },
  async ({ erasureId }): Promise<string | undefined> => {
    const job = await find(erasureId);
    if (job?.sealedSubject === undefined) return undefined;
    const key = (await DataKey.keysOf([erasureId])).get(erasureId);
    return key && DataKey.unseal(key, erasureId, job.sealedSubject)?.toString("utf8");
  },
);

/** The issuer has forgotten them, or is not ours to say so: its name of them goes, with the key of it. Repeating it changes nothing. */
export const forgottenByIssuer = capability(
  "erasure.forgotten_by_issuer",
  { input: z.strictObject({ erasureId: ErasureIdSchema, forgotten: z.boolean() }), allow: ["system"] },
  async ({ erasureId, forgotten }): Promise<void> => {
    const job = await find(erasureId);
    if (job?.sealedSubject === undefined) return;
    await transact(subjectOf(job), [], (head) => [
      write(changeOf(job, head, { atIssuer: forgotten ? "forgotten" : "not_ours" }, ["sealedSubject"])),
      write(DataKey.forgetting(erasureId)),
    ]);
  },
);
