import * as z from "zod";
import { capability } from "../capability.ts";
import * as DataKey from "../data-key/index.ts";
import { transact, write } from "../db/transact.ts";
import { UserIdSchema } from "../id.ts";
import { exportIdOf } from "./entity.ts";
import { find } from "./read.ts";
import { changeOf, subjectOf } from "./write.ts";

/** Makes whatever export a user has unreadable, because they are erased. Repeating it changes nothing. */
export const drop = capability("data_export.drop", { input: z.strictObject({ userId: UserIdSchema }), allow: ["system", "schedule"] }, async ({ userId }) => {
  const job = await find(userId);
  if (!job || job.phase === "gone") return;
  await transact(subjectOf(job), [], (head) => [
    write(changeOf(job, head, { phase: "gone", buyers: [] }, ["cursor", "list", "dueAt"])),
    write(DataKey.forgetting(exportIdOf(job))),
  ]);
});
