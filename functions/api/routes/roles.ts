import * as Role from "@fashionistas/core/role";
import { PermissionView, Role as RoleName, RolePermissions, RoleView } from "@fashionistas/core/role/schema";
import type { Context } from "hono";
import * as z from "zod";
import { ADMINS, ADMINS_OF_ROLES, ADMINS_ON_ROLES } from "../access.ts";
import { endpoint, jsonBody, pathId, type Api } from "../endpoint.ts";
import { document, ifVersions } from "../middleware/conditional.ts";

const tag = "Roles";
const params = z.object({ id: z.string().meta({ example: "organizer" }) });
const roleOf = (c: Context) => pathId(c, RoleName, Role.roleNotFound);

/** /roles and /permissions: what each role may do, for admins. */
export function roles(app: Api): void {
  endpoint(
    app,
    {
      method: "get",
      path: "/roles",
      access: ADMINS,
      tag,
      summary: "List the roles and what they permit",
      success: { status: 200, description: "All six", schema: z.object({ items: z.array(RoleView) }).meta({ example: { items: [] } }) },
    },
    async (c) => c.json(await Role.list({})),
  );

  endpoint(
    app,
    {
      method: "get",
      etag: true,
      path: "/roles/:id",
      access: ADMINS_OF_ROLES.of("role"),
      tag,
      summary: "Get a role",
      params,
      success: { status: 200, description: "The role", schema: RoleView },
    },
    async (c) => document(c, await Role.get({ role: roleOf(c) })),
  );

  endpoint(
    app,
    {
      method: "put",
      commits: true,
      path: "/roles/:id",
      access: ADMINS_ON_ROLES.of("role"),
      tag,
      summary: "Say what a role permits",
      description: "Features that are left out are permitted no more. Holds everywhere within a minute. Admins may always do everything.",
      params,
      headers: z.object({ "If-Match": z.string().optional().meta({ description: "The ETag you read: when it is stale the change is refused with 412." }) }),
      body: RolePermissions,
      success: { status: 200, description: "The role as it is now", schema: RoleView },
      errors: ["role.fixed", "request.precondition_failed"],
    },
    async (c) => document(c, await Role.replace({ ...(await jsonBody(c, RolePermissions)), role: roleOf(c), ifVersions: ifVersions(c) })),
  );

  endpoint(
    app,
    {
      method: "get",
      path: "/permissions",
      access: ADMINS,
      tag,
      summary: "List what can be permitted",
      success: {
        status: 200,
        description: "Every feature and its levels, each of which includes those before it",
        schema: z.object({ items: z.array(PermissionView) }).meta({ example: { items: [] } }),
      },
    },
    async (c) => c.json(await Role.listPermissions({})),
  );
}
