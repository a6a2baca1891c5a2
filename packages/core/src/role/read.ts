import { ROLES, type Role } from "../actor.ts";
import { capability } from "../capability.ts";
import { now } from "../context.ts";
import { memory } from "../memory.ts";
import { BUILT_IN, LEVELS, PERMISSIONS, type Permission, type Permissions } from "../permission.ts";
import { MINUTE_MS } from "../time.ts";
import { Roles, type RoleRow } from "./entity.ts";
import { GetRole, NoInput, type RoleView } from "./schema.ts";

type Known = { untilMs: number; rows: readonly RoleRow[] };
const known = memory((): { table?: Known } => ({}));

/** What each role permits now; changed by another process it counts here within a minute. */
export async function permissionsByRole(): Promise<Readonly<Record<Role, Permissions>>> {
  const standing = known().table;
  const rows = standing && now() < standing.untilMs ? standing.rows : await readRows();
  const changed = rows.filter(({ role }) => role !== "admin").map(({ role, permissions }) => [role, permissions as Permissions]);
  return { ...BUILT_IN, ...Object.fromEntries(changed) };
}

/** Forgets what this process knew: it has just changed it. */
export function forget(): void {
  delete known().table;
}

async function readRows(): Promise<RoleRow[]> {
  const untilMs = now() + MINUTE_MS;
  const { data } = await Roles.query.byName({}).go({ consistent: true });
  known().table = { untilMs, rows: data };
  return data;
}

export async function find(role: Role): Promise<RoleRow | undefined> {
  const { data } = await Roles.get({ role }).go({ consistent: true });
  return data ?? undefined;
}

/** Every role with what it permits, the least first. */
export const list = capability("role.list", { input: NoInput, allow: ["admin", "key"], needs: "roles:read" }, async () => {
  const rows = new Map((await readRows()).map((row) => [row.role, row]));
  return { items: ROLES.map((role) => viewOf(role, rows.get(role))) };
});

export const get = capability("role.get", { input: GetRole, allow: ["admin", "key"], needs: "roles:read" }, async ({ role }) => viewOf(role, await find(role)));

/** What can be permitted. */
export const listPermissions = capability("role.list_permissions", { input: NoInput, allow: ["admin", "key"], needs: "roles:read" }, () =>
  Promise.resolve({ items: Object.entries(PERMISSIONS).map(([permission, description]) => ({ permission, description, levels: [...LEVELS] })) }),
);

export function viewOf(role: Role, row: RoleRow | undefined): RoleView {
  const permissions = role === "admin" || !row ? BUILT_IN[role] : (row.permissions as Permissions);
  return { role, builtIn: !row, permissions: complete(permissions), updatedAt: row?.updatedAt ?? null, version: row?.version ?? 0 };
}

/** Every feature with its level. */
export function complete(permissions: Permissions) {
  const names = Object.keys(PERMISSIONS) as Permission[];
  return Object.fromEntries(names.map((name) => [name, permissions[name] ?? "none"]));
}
