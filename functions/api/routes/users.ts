import { UserIdSchema } from "@fashionistas/core/id";
import * as Session from "@fashionistas/core/session";
import * as User from "@fashionistas/core/user";
import { ListUsers, RoleAssignment, SearchUsers, UserView } from "@fashionistas/core/user/schema";
import type { Context } from "hono";
import * as z from "zod";
import { ADMINS, ADMINS_OF_USERS, ADMINS_ON_USERS } from "../access.ts";
import { endpoint, jsonBody, pathId, type Api } from "../endpoint.ts";

const tag = "Users";
const params = z.object({ id: z.string().meta({ example: "usr_01J8Z3K4M5N6P7Q8R9S0T1V2W3" }) });
const idOf = (c: Context) => pathId(c, UserIdSchema, User.userNotFound);

/** /users: who has which role, for admins. */
export function users(app: Api): void {
  endpoint(
    app,
    {
      method: "get",
      path: "/users",
      access: ADMINS,
      tag,
      summary: "List the users of a role",
      query: ListUsers,
      success: {
        status: 200,
        description: "A page, oldest first. Attendees are as many as there are guests: find them with POST /users/search",
        schema: z.object({ items: z.array(UserView), nextCursor: z.string().nullable() }).meta({ example: { items: [], nextCursor: null } }),
      },
    },
    async (c) => c.json(await User.list(c.req.query() as unknown as z.input<typeof ListUsers>)),
  );

  endpoint(
    app,
    {
      method: "post",
      path: "/users/search",
      access: ADMINS,
      repeating: "it only asks.",
      tag,
      summary: "Find users by their verified e-mail or phone",
      description: "Changes nothing. A POST, so that no address stands in a URL.",
      body: SearchUsers,
      success: {
        status: 200,
        description: "Those whom the issuer verified it of",
        schema: z.object({ items: z.array(UserView) }).meta({ example: { items: [] } }),
      },
    },
    async (c) => c.json(await User.search(await jsonBody(c, SearchUsers))),
  );

  endpoint(
    app,
    {
      method: "get",
      path: "/users/:id",
      access: ADMINS_OF_USERS.of("user"),
      tag,
      summary: "Get a user",
      params,
      success: { status: 200, description: "The user", schema: UserView },
    },
    async (c) => c.json(await User.get({ userId: idOf(c) })),
  );

  endpoint(
    app,
    {
      method: "put",
      commits: true,
      path: "/users/:id/role",
      access: ADMINS_ON_USERS.of("user"),
      tag,
      summary: "Give a user another role",
      description: "Holds everywhere within a minute. The last admin keeps theirs.",
      params,
      body: RoleAssignment,
      success: { status: 200, description: "The user as they are now", schema: UserView },
      errors: ["user.not_active", "user.last_admin"],
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
        access: ADMINS_ON_USERS.of("user"),
        repeating: "a user who is that already stays so.",
        tag,
        summary,
        description: "Holds everywhere within a minute.",
        params,
        success: { status: 200, description: "The user as they are now", schema: UserView },
        errors: ["user.not_active", ...(action === "suspend" ? ["user.last_admin"] : [])],
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
      access: ADMINS_ON_USERS.of("user"),
      tag,
      summary: "End all sessions of a user",
      params,
      success: { status: 204, description: "They end: within a minute everywhere" },
    },
    async (c) => {
      await Session.endAllOf({ userId: idOf(c) });
      return c.body(null, 204);
    },
  );
}
