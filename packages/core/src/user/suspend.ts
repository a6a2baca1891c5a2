import { capability } from "../capability.ts";
import { transact } from "../db/transact.ts";
import { UserReinstated, UserSuspended } from "./domain-events.ts";
import { notActive } from "./errors.ts";
import { forget } from "./known.ts";
import { theUser, viewOf } from "./read.ts";
import { AUser } from "./schema.ts";
import { accessChangeOf, joiningAdmins, leavingAdmins, subjectOf } from "./write.ts";

/** Shuts a user out, everywhere within a minute. @throws user.not_found, user.not_active, user.last_admin */
export const suspend = capability("user.suspend", { input: AUser, allow: ["admin"], needs: "users:write" }, async ({ userId }) => {
  const user = await theUser(userId);
  if (user.status === "suspended") return viewOf(user);
  if (user.status !== "active") throw notActive(`They are ${user.status}.`);
  const head = await transact(subjectOf(user), [UserSuspended({ userId })], (head) => [
    accessChangeOf(user, head, { status: "suspended" }),
    ...(user.role === "admin" ? [leavingAdmins(userId)] : []),
  ]);
  forget(userId);
  return viewOf({ ...user, status: "suspended", ...head });
});

/** Lets them in again, as what they were. @throws user.not_found, user.not_active */
export const reinstate = capability("user.reinstate", { input: AUser, allow: ["admin"], needs: "users:write" }, async ({ userId }) => {
  const user = await theUser(userId);
  if (user.status === "active") return viewOf(user);
  if (user.status !== "suspended") throw notActive(`They are ${user.status}.`);
  const head = await transact(subjectOf(user), [UserReinstated({ userId })], (head) => [
    accessChangeOf(user, head, { status: "active" }),
    ...(user.role === "admin" ? [joiningAdmins(userId)] : []),
  ]);
  forget(userId);
  return viewOf({ ...user, status: "active", ...head });
});
