import { UserIdSchema } from "@fashionistas/core/id";
import * as Session from "@fashionistas/core/session";
import * as User from "@fashionistas/core/user";
import { ListUsers, RoleAssignment, SearchUsers, UserView } from "@fashionistas/core/user/schema";
import type { Context } from "hono";
import * as z from "zod";
import { endpoint, jsonBody, pathId, type Api } from "../endpoint.ts";

const tag = "Users";
const security = "bearer" as const;
const params = z.object({ id: z.string().meta({ example: "usr_01J8Z3K4M5N6P7Q8R9S0T1V2W3" }) });
const errors = ["actor.unauthenticated", "actor.not_allowed"];
const idOf = (c: Context) => pathId(c, UserIdSchema, User.userNotFound);

/** /users: who has which role, for admins. */
export function users(app: Api): void {
  endpoint(
    app,
    {
      method: "get",
      path: "/users",
      tag,
      summary: "List the users of a role",
      security,
      query: ListUsers,
      success: {
        status: 200,
        description: "A page, oldest first. Attendees are as many as there are guests: find them with POST /users/search",
        schema: z.object({ items: z.array(UserView), nextCursor: z.string().nullable() }).meta({ example: { items: [], nextCursor: null } }),
      },
      errors,
    },
    async (c) => c.json(await User.list(c.req.query() as unknown as z.input<typeof ListUsers>)),
  );

  endpoint(
    app,
    {
      method: "post",
      path: "/users/search",
      repeating: "it only asks.",
      tag,
      summary: "Find users by their verified e-mail or phone",
      description: "Changes nothing. A POST, so that no address stands in a URL.",
      security,
      body: SearchUsers,
      success: {
        status: 200,
        description: "Those whom the issuer verified it of",
        schema: z.object({ items: z.array(UserView) }).meta({ example: { items: [] } }),
      },
      errors,
    },
    async (c) => c.json(await User.search(await jsonBody(c, SearchUsers))),
  );

  endpoint(
    app,
    {
      method: "get",
      path: "/users/:id",
      tag,
      summary: "Get a user",
      security,
      params,
      success: { status: 200, description: "The user", schema: UserView },
      errors: [...errors, "user.not_found"],
    },
    async (c) => c.json(await User.get({ userId: idOf(c) })),
  );

  endpoint(
    app,
    {
      method: "put",
      commits: true,
      path: "/users/:id/role",
      tag,
      summary: "Give a user another role",
      description: "Holds everywhere within a minute. The last admin keeps theirs.",
      security,
      params,
      body: RoleAssignment,
      success: { status: 200, description: "The user as they are now", schema: UserView },
      errors: [...errors, "user.not_found", "user.not_active", "user.last_admin"],
    },
    async (c) => c.json(await User.assignRole({ ...(await jsonBody(c, RoleAssignment)), userId: idOf(c) })),
  );

  for (const [action, verb, summary] of [
    ["suspend", User.suspend, "Shut a user out"],
    ["reinstate", User.reinstate, "Let a suspended user in again"],
  ] as const) {
    endpoint(
      app,
      {
        method: "post",
        commits: true,
        path: `/users/:id/${action}`,
        repeating: "a user who is that already stays so.",
        tag,
        summary,
        description: "Holds everywhere within a minute.",
        security,
        params,
        success: { status: 200, description: "The user as they are now", schema: UserView },
        errors: [...errors, "user.not_found", "user.not_active", ...(action === "suspend" ? ["user.last_admin"] : [])],
      },
      async (c) => c.json(await verb({ userId: idOf(c) })),
    );
  }

  endpoint(
    app,
    {
      method: "delete",
      commits: true,
      path: "/users/:id/sessions",
      tag,
      summary: "End all sessions of a user",
      security,
      params,
      success: { status: 204, description: "They end: within a minute everywhere" },
      errors: [...errors, "user.not_found"],
    },
    async (c) => {
      await Session.endAllOf({ userId: idOf(c) });
      return c.body(null, 204);
    },
  );
}
