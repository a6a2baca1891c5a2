import { staleVersion } from "../error.ts";
import { capability } from "../capability.ts";
import { transact, write } from "../db/transact.ts";
import { RoleChanged } from "./domain-events.ts";
import { Roles, type RoleRow } from "./entity.ts";
import { roleFixed } from "./errors.ts";
import { subjectOf } from "./write.ts";
import { complete, find, forget, viewOf } from "./read.ts";
import { ReplaceRole } from "./schema.ts";

/**
 * Says anew what a role permits; everywhere within a minute. Admins may always do everything: nobody can lock them out.
 * @throws role.fixed, role.precondition_failed
 */
export const replace = capability(
  "role.replace",
  { input: ReplaceRole, allow: ["admin"], needs: "roles:manage" },
  async ({ role, permissions, ifVersions }) => {
    if (role === "admin") throw roleFixed("Admins may do everything. Give people another role instead.");
    const standing = await find(role);
    if (ifVersions && !ifVersions.includes(standing?.version ?? 0)) throw staleVersion("Read it again and repeat your change.");
    const change = { permissions: complete(permissions as never) };
    const head = await transact(subjectOf(role, standing), [RoleChanged({ role })], (head) => [
      write(
        standing
          ? Roles.patch({ role })
              .set({ ...change, ...head })
              .where(({ version }, { eq }) => eq(version, standing.version))
          : Roles.create({ role, ...change, createdAt: head.updatedAt, ...head }),
      ),
    ]);
    forget();
    return viewOf(role, { ...(standing ?? { role, createdAt: head.updatedAt }), ...change, ...head } as RoleRow);
  },
);
