import { capability } from "../capability.ts";
import { transact } from "../db/transact.ts";
import { UserRoleChanged } from "./domain-events.ts";
import { notActive } from "./errors.ts";
import { forget } from "./known.ts";
import { theUser, viewOf } from "./read.ts";
import { AssignRole } from "./schema.ts";
import { accessChangeOf, joiningAdmins, leavingAdmins, subjectOf } from "./write.ts";

/** Gives a user another role, everywhere within a minute. @throws user.not_found, user.not_active, user.last_admin */
export const assignRole = capability("user.assign_role", { input: AssignRole, allow: ["admin", "system"], needs: "users:manage" }, async ({ userId, role }) => {
  const user = await theUser(userId);
  if (user.role === role) return viewOf(user);
  if (user.status !== "active") throw notActive(`They are ${user.status}.`);
  const head = await transact(subjectOf(user), [UserRoleChanged({ userId, from: user.role, to: role })], (head) => [
    accessChangeOf(user, head, { role }),
    ...(role === "admin" ? [joiningAdmins(userId)] : []),
    ...(user.role === "admin" ? [leavingAdmins(userId)] : []),
  ]);
  forget(userId);
  return viewOf({ ...user, role, ...head });
});
