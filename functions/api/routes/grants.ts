import * as Grant from "@fashionistas/core/grant";
import { GrantQuery, GrantView, ListGrants, NewGrant } from "@fashionistas/core/grant/schema";
import { parse } from "@fashionistas/core/capability";
import * as z from "zod";
import { endpoint, jsonBody, type Api } from "../endpoint.ts";

const tag = "Grants";
const security = "bearer" as const;
const errors = ["actor.unauthenticated", "actor.not_allowed", "event.not_found"];

/** /grants: roles that somebody has for one thing. */
export function grants(app: Api): void {
  endpoint(
    app,
    {
      method: "get",
      path: "/grants",
      tag,
      summary: "Who was granted what?",
      description: "By `scopeType` and `scopeId`: of an event that you manage, or for admins of anything. By `userId`: for admins.",
      security,
      query: ListGrants,
      success: {
        status: 200,
        description: "A page; what has expired is not in it",
        schema: z.object({ items: z.array(GrantView), nextCursor: z.string().nullable() }).meta({ example: { items: [], nextCursor: null } }),
      },
      errors,
    },
    async (c) => c.json(await Grant.list(c.req.query() as unknown as z.input<typeof ListGrants>)),
  );

  endpoint(
    app,
    {
      method: "post",
      commits: true,
      path: "/grants",
      tag,
      summary: "Give somebody a role for one thing",
      description: "Those who manage an event give any role for it, admins for anything. Repeated, it changes `expiresAt`. Holds everywhere within a minute.",
      security,
      body: NewGrant,
      repeating: "what was granted already stays, until the time given.",
      success: { status: 201, description: "The grant", schema: GrantView },
      errors: [...errors, "user.not_found", "user.not_active", "grant.is_owner", "grant.outlasts_yours"],
    },
    async (c) => c.json(await Grant.give(await jsonBody(c, NewGrant)), 201),
  );

  endpoint(
    app,
    {
      method: "delete",
      commits: true,
      path: "/grants",
      tag,
      summary: "Take a granted role away",
      description: "Also your own. Holds everywhere within a minute.",
      security,
      query: GrantQuery,
      success: { status: 204, description: "It is taken" },
      errors: [...errors, "grant.not_found", "grant.is_owner"],
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
      tag,
      summary: "What was granted to me?",
      security,
      success: {
        status: 200,
        description: "Roles that you have for one thing",
        schema: z.object({ items: z.array(GrantView) }).meta({ example: { items: [] } }),
      },
      errors: ["actor.unauthenticated", "actor.not_allowed"],
    },
    async (c) => c.json(await Grant.listMine({})),
  );
}
