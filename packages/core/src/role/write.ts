import { created, standing, type Subject } from "../db/journal.ts";
import { BUILT_IN, type Role } from "../permission.ts";
import type { RoleRow } from "./entity.ts";
import { complete } from "./read.ts";

/** The role as its journal sees it: what it permitted before it was ever changed is known, too. */
export function subjectOf(role: Role, row: RoleRow | undefined): Subject {
  const id = `role_${role}`;
  return row ? standing("role", id, row) : { ...created("role", id), before: { role, permissions: complete(BUILT_IN[role]) } };
}
