import type { Hat } from "../actor.ts";
import { now } from "../context.ts";
import * as Grant from "../grant/index.ts";
import * as Role from "../role/index.ts";
import { isoOf } from "../time.ts";
import type { UserRow } from "../user/index.ts";

/**
 * The roles of a user with what they permit now. Grants are as they were `before` while the user's access version is; what a
 * role permits has a memory of its own.
 */
export async function hatsOf(user: UserRow, before: readonly Hat[] | undefined): Promise<Hat[]> {
  const permissions = await Role.permissionsByRole();
  const granted = before ? before.filter(({ on }) => on) : (await Grant.listByUser(user.userId, isoOf(now()))).map(hatOf);
  return [{ role: user.role }, ...granted].map((hat) => ({ ...hat, may: permissions[hat.role] }));
}

/** Those that have not ended. */
export function standingOf(hats: readonly Hat[]): Hat[] {
  const at = isoOf(now());
  return hats.filter(({ until }) => until === undefined || at < until);
}

function hatOf({ role, scopeType, scopeId, expiresAt }: Grant.GrantRow): Omit<Hat, "may"> {
  return { role, on: { type: scopeType, id: scopeId }, ...(expiresAt ? { until: expiresAt } : {}) };
}
