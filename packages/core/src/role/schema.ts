import * as z from "zod";
import { LEVELS, PERMISSIONS, ROLES, type Permission, type Role as RoleName } from "../permission.ts";

export const Level = z.enum(LEVELS, `Expected one of ${LEVELS.join(", ")}.`);

const names = Object.keys(PERMISSIONS) as [Permission, ...Permission[]];

/** A level for some or all features; what is left out is none. */
export const Permissions = z
  .strictObject(Object.fromEntries(names.map((name) => [name, Level.optional()])) as Record<Permission, z.ZodOptional<typeof Level>>)
  .meta({ id: "Permissions", example: { events: "write", orders: "read" } });

export const Role = z.enum(ROLES, `Expected one of ${ROLES.join(", ")}.`) satisfies z.ZodType<RoleName>;

export const RolePermissions = z
  .strictObject({ permissions: Permissions })
  .meta({ id: "RolePermissions", example: { permissions: { events: "manage", ticket_types: "write", orders: "write" } } });

export const ReplaceRole = z.strictObject({ role: Role, permissions: Permissions, ifVersions: z.array(z.int()).optional() });
export const GetRole = z.strictObject({ role: Role });
export const NoInput = z.strictObject({});

/** A role with the level it has for every feature. */
export const RoleView = z
  .object({
    role: Role,
    builtIn: z.boolean().meta({ description: "Nobody changed it yet." }),
    permissions: z.record(z.string(), Level),
    updatedAt: z.string().nullable(),
    version: z.int(),
  })
  .meta({ id: "Role", example: { role: "sponsor", builtIn: true, permissions: { events: "read", orders: "none" }, updatedAt: null, version: 0 } });
export type RoleView = z.output<typeof RoleView>;

export const PermissionView = z
  .object({ permission: z.string(), description: z.string(), levels: z.array(Level) })
  .meta({ id: "Permission", example: { permission: "ledger", description: PERMISSIONS.ledger, levels: [...LEVELS] } });
