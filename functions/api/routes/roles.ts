import * as Role from "@fashionistas/core/role";
import { PermissionView, Role as RoleName, RolePermissions, RoleView } from "@fashionistas/core/role/schema";
import type { Context } from "hono";
import * as z from "zod";
import { endpoint, jsonBody, pathId, type Api } from "../endpoint.ts";
import { document, ifVersions } from "../middleware/conditional.ts";

const tag = "Roles";
const security = "bearer" as const;
const params = z.object({ id: z.string().meta({ example: "organizer" }) });
const errors = ["actor.unauthenticated", "actor.not_allowed"];
const roleOf = (c: Context) => pathId(c, RoleName, Role.roleNotFound);

/** /roles and /permissions: what each role may do, for admins. */
export function roles(app: Api): void {
  endpoint(
    app,
    {
      method: "get",
      path: "/roles",
      tag,
      summary: "List the roles and what they permit",
      security,
      success: { status: 200, description: "All six", schema: z.object({ items: z.array(RoleView) }).meta({ example: { items: [] } }) },
      errors,
    },
    async (c) => c.json(await Role.list({})),
  );

  endpoint(
    app,
    {
      method: "get",
      etag: true,
      path: "/roles/:id",
      tag,
      summary: "Get a role",
      security,
      params,
      success: { status: 200, description: "The role", schema: RoleView },
      errors: [...errors, "role.not_found"],
    },
    async (c) => document(c, await Role.get({ role: roleOf(c) })),
  );

  endpoint(
    app,
    {
      method: "put",
      commits: true,
      path: "/roles/:id",
      tag,
      summary: "Say what a role permits",
      description: "Features that are left out are permitted no more. Holds everywhere within a minute. Admins may always do everything.",
      security: "person",
      params,
      headers: z.object({ "If-Match": z.string().optional().meta({ description: "The ETag you read: when it is stale the change is refused with 412." }) }),
      body: RolePermissions,
      success: { status: 200, description: "The role as it is now", schema: RoleView },
      errors: [...errors, "role.not_found", "role.fixed", "request.precondition_failed"],
    },
    async (c) => document(c, await Role.replace({ ...(await jsonBody(c, RolePermissions)), role: roleOf(c), ifVersions: ifVersions(c) })),
  );

  endpoint(
    app,
    {
      method: "get",
      path: "/permissions",
      tag,
      summary: "List what can be permitted",
      security,
      success: {
        status: 200,
        description: "Every feature and its levels, each of which includes those before it",
        schema: z.object({ items: z.array(PermissionView) }).meta({ example: { items: [] } }),
      },
      errors,
    },
    async (c) => c.json(await Role.listPermissions({})),
  );
}
