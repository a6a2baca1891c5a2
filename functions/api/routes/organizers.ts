import * as Event from "@fashionistas/core/event";
import * as Grant from "@fashionistas/core/grant";
import { GrantView, NewOrganizer, OrganizerView } from "@fashionistas/core/grant/schema";
import { EventIdSchema, UserIdSchema, type EventId } from "@fashionistas/core/id";
import { PageQuery } from "@fashionistas/core/page";
import * as User from "@fashionistas/core/user";
import type { Context } from "hono";
import * as z from "zod";
import { TEAM, TEAM_OR_ONESELF } from "../access.ts";
import { endpoint, jsonBody, pathId, type Api } from "../endpoint.ts";

const tag = "Organizers";
const params = z.object({ id: z.string().meta({ example: "evt_01J8Z3K4M5N6P7Q8R9S0T1V2W3" }) });
const idOf = (c: Context): EventId => pathId(c, EventIdSchema, Event.eventNotFound);

/** /events/:id/organizers: who else may do what its organizer may, with this one event. */
export function organizers(app: Api): void {
  endpoint(
    app,
    {
      method: "get",
      path: "/events/:id/organizers",
      access: TEAM.of("event"),
      tag,
      summary: "Who organizes this event?",
      params,
      query: z.object(PageQuery),
      success: {
        status: 200,
        description: "A page: first whose event it is, then those it was granted to",
        schema: z.object({ items: z.array(OrganizerView), nextCursor: z.string().nullable() }).meta({ example: { items: [], nextCursor: null } }),
      },
    },
    async (c) => c.json(await Grant.listOrganizers({ ...(c.req.query() as object), eventId: idOf(c) })),
  );

  endpoint(
    app,
    {
      method: "post",
      commits: true,
      path: "/events/:id/organizers",
      access: TEAM.of("event"),
      tag,
      summary: "Let somebody organize this event, too",
      description:
        "They may do everything with it that you may, until `expiresAt`; repeated, it changes that. Holds everywhere within a minute. Somebody whose id you do not know is invited: POST /events/{id}/invitations.",
      params,
      body: NewOrganizer,
      repeating: "who organizes it already goes on, until the time given.",
      success: { status: 201, description: "The grant", schema: GrantView },
      errors: ["user.not_found", "user.not_active", "grant.is_owner", "grant.outlasts_yours"],
    },
    async (c) => {
      const body = await jsonBody(c, NewOrganizer);
      return c.json(await Grant.give({ ...body, role: "organizer", scope: { type: "event", id: idOf(c) } }), 201);
    },
  );

  endpoint(
    app,
    {
      method: "delete",
      commits: true,
      path: "/events/:id/organizers/:userId",
      access: TEAM_OR_ONESELF.of("event"),
      tag,
      summary: "Let somebody organize this event no longer",
      description: "Also yourself. Holds everywhere within a minute.",
      params: params.extend({ userId: z.string().meta({ example: "usr_01J8Z3K4M5N6P7Q8R9S0T1V2W3" }) }),
      success: { status: 204, description: "They do not" },
      errors: ["grant.not_found", "grant.is_owner", "user.not_found"],
    },
    async (c) => {
      const userId = pathId(c, UserIdSchema, User.userNotFound, "userId");
      await Grant.take({ userId, role: "organizer", scope: { type: "event", id: idOf(c) } });
      return c.body(null, 204);
    },
  );
}
