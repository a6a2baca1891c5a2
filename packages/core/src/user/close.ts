import { capability } from "../capability.ts";
import { transact } from "../db/transact.ts";
import { UserErased } from "./domain-events.ts";
import { forget } from "./known.ts";
import { find } from "./read.ts";
import { AUser } from "./schema.ts";
import { changeOf, subjectOf } from "./write.ts";

/** The people of a user who asked for it are erased: their row forgets how it finds them. Repeating it changes nothing. */
export const close = capability("user.close", { input: AUser, allow: ["system"] }, async ({ userId }): Promise<void> => {
  const user = await find(userId);
  if (user?.status !== "erasing") return;
  const closed = { status: "erased" as const, accessVersion: user.accessVersion + 1 };
  await transact(subjectOf(user), [UserErased({ userId })], (head) => [changeOf(user, head, closed, ["personId", "emailKey", "phoneKey"])]);
  forget(userId);
});
