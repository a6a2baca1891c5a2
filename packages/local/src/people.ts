import type { Role } from "@fashionistas/core/actor";
import { withContext } from "@fashionistas/core/context";
import * as User from "@fashionistas/core/user";
import "@fashionistas/functions/personal-data";
import { LOCAL_ISSUER, verifiedEmailOf } from "./issuer.ts";

/** Makes somebody of the local issuer a user with this role, as an admin would. @returns their id */
export async function personWithRole(role: Role, subject: string): Promise<string> {
  const userId = User.userIdFor(LOCAL_ISSUER, subject);
  await withContext({ actor: { kind: "system", name: "local" }, requestId: "req_local", correlationId: "req_local" }, async () => {
    const standing = await User.find(userId);
    const { email } = verifiedEmailOf(subject);
    if (!standing) await User.appear({ userId, email, startedAt: Math.floor(Date.now() / 1_000), appoint: false });
    if (standing?.role !== role) await User.assignRole({ userId, role });
  });
  return userId;
}
