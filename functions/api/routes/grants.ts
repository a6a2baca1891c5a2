import * as Grant from "@fashionistas/core/grant";
import { GrantQuery, GrantView, ListGrants, NewGrant } from "@fashionistas/core/grant/schema";
import { parse } from "@fashionistas/core/capability";
import * as z from "zod";
import { SIGNED_IN, TEAM, TEAM_OR_ONESELF } from "../access.ts";
import { endpoint, jsonBody, type Api } from "../endpoint.ts";

const tag = "Grants";

/** /grants: roles that somebody has for one thing. */
export function grants(app: Api): void {
  endpoint(
    app,
    {
      method: "get",
      path: "/grants",
      access: TEAM.of("event"),
      tag,
      summary: "Who was granted what?",
      description: "By `scopeType` and `scopeId`: of an event that you manage, or for admins of anything. By `userId`: for admins.",
      query: ListGrants,
      success: {
        status: 200,
        description: "A page; what has expired is not in it",
        schema: z.object({ items: z.array(GrantView), nextCursor: z.string().nullable() }).meta({ example: { items: [], nextCursor: null } }),
      },
    },
    async (c) => c.json(await Grant.list(c.req.query() as unknown as z.input<typeof ListGrants>)),
  );

  endpoint(
    app,
    {
      method: "post",
      commits: true,
      path: "/grants",
      access: TEAM.of("event"),
      tag,
      summary: "Give somebody a role for one thing",
      description: "Those who manage an event give any role for it, admins for anything. Repeated, it changes `expiresAt`. Holds everywhere within a minute.",
      body: NewGrant,
      repeating: "what was granted already stays, until the time given.",
      success: { status: 201, description: "The grant", schema: GrantView },
      errors: ["user.not_found", "user.not_active", "grant.is_owner", "grant.outlasts_yours"],
    },
    async (c) => c.json(await Grant.give(await jsonBody(c, NewGrant)), 201),
  );

  endpoint(
    app,
    {
      method: "delete",
      commits: true,
      path: "/grants",
      access: TEAM_OR_ONESELF.of("event"),
      tag,
      summary: "Take a granted role away",
      description: "Also your own. Holds everywhere within a minute.",
      query: GrantQuery,
      success: { status: 204, description: "It is taken" },
      errors: ["grant.not_found", "grant.is_owner"],
    },
    async (c) => {
      const { scopeType, scopeId, ...grant } = parse(GrantQuery, c.req.query());
      await Grant.take({ ...grant, scope: { type: scopeType, id: scopeId } });
      return c.body(null, 204);
    },
  );

  endpoint(
    app,
    {
      method: "get",
      path: "/me/grants",
      access: SIGNED_IN,
      tag,
      summary: "What was granted to me?",
      success: {
        status: 200,
        description: "Roles that you have for one thing",
        schema: z.object({ items: z.array(GrantView) }).meta({ example: { items: [] } }),
      },
    },
    async (c) => c.json(await Grant.listMine({})),
  );
}
