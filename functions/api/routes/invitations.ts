import * as Event from "@fashionistas/core/event";
import { EventIdSchema, InvitationIdSchema, newId, type EventId } from "@fashionistas/core/id";
import * as Invitation from "@fashionistas/core/invitation";
import { AcceptedInvitation, AcceptInvitation, InvitationView, MadeInvitation, NewInvitation, OrganizerInvitation } from "@fashionistas/core/invitation/schema";
import { PageQuery } from "@fashionistas/core/page";
import type { Context } from "hono";
import * as z from "zod";
import { ADMINS, SIGNED_IN, TEAM } from "../access.ts";
import { endpoint, jsonBody, pathId, type Api } from "../endpoint.ts";
import { IdempotencyKeyHeader, repeatable } from "../middleware/idempotency.ts";

const tag = "Invitations";
const ofEvent = z.object({ id: z.string().meta({ example: "evt_01J8Z3K4M5N6P7Q8R9S0T1V2W3" }) });
const ofInvitation = z.object({ id: z.string().meta({ example: "inv_01J8Z3K4M5N6P7Q8R9S0T1V2W3" }) });
const eventIdOf = (c: Context): EventId => pathId(c, EventIdSchema, Event.eventNotFound);
const page = {
  status: 200,
  description: "A page, oldest first",
  schema: z.object({ items: z.array(InvitationView), nextCursor: z.string().nullable() }).meta({ example: { items: [], nextCursor: null } }),
} as const;
const description =
  "By phone: we send it on WhatsApp. By e-mail: we send none, the answer holds the secret of the link once; pass it on. It can be accepted for seven days.";

function made(c: Context, body: z.input<typeof NewInvitation>) {
  const run = (invitationId: string) => Invitation.invite({ ...body, invitationId });
  return repeatable(c, { body, newResourceId: newId("inv"), run, repeat: (invitationId) => Invitation.remake({ invitationId }) });
}

/** /invitations, and those to one event: somebody gets a role once they accept. */
export function invitations(app: Api): void {
  endpoint(
    app,
    {
      method: "get",
      path: "/events/:id/invitations",
      access: TEAM.of("event"),
      tag,
      summary: "Who was invited to organize this event?",
      params: ofEvent,
      query: z.object(PageQuery),
      success: page,
    },
    async (c) => c.json(await Invitation.list({ ...(c.req.query() as object), eventId: eventIdOf(c) })),
  );

  endpoint(
    app,
    {
      method: "post",
      commits: true,
      path: "/events/:id/invitations",
      access: TEAM.of("event"),
      tag,
      summary: "Invite somebody to organize this event, too",
      description,
      params: ofEvent,
      headers: IdempotencyKeyHeader,
      body: OrganizerInvitation,
      success: { status: 201, description: "The invitation", schema: MadeInvitation },
      errors: ["grant.outlasts_yours"],
    },
    async (c) => {
      const scope = { type: "event", id: eventIdOf(c) } as const;
      return c.json(await made(c, { ...(await jsonBody(c, OrganizerInvitation)), role: "organizer", scope }), 201);
    },
  );

  endpoint(
    app,
    {
      method: "get",
      path: "/invitations",
      access: ADMINS,
      tag,
      summary: "Who was invited to a role of their own?",
      query: z.object(PageQuery),
      success: page,
    },
    async (c) => c.json(await Invitation.list(c.req.query())),
  );

  endpoint(
    app,
    {
      method: "post",
      commits: true,
      path: "/invitations",
      access: TEAM.of("event"),
      tag,
      summary: "Invite somebody to a role",
      description: `${description} For one thing: by those who may give it. Without \`scope\` the role becomes their own: by admins.`,
      headers: IdempotencyKeyHeader,
      body: NewInvitation,
      success: { status: 201, description: "The invitation", schema: MadeInvitation },
      errors: ["grant.outlasts_yours"],
    },
    async (c) => c.json(await made(c, await jsonBody(c, NewInvitation)), 201),
  );

  endpoint(
    app,
    {
      method: "post",
      commits: true,
      path: "/invitations/accept",
      access: SIGNED_IN,
      tag,
      summary: "Accept an invitation",
      description:
        "With the secret of its link, signed in with the e-mail address it was for; by WhatsApp, with that phone number or none. Holds everywhere within a minute. A secret that is unknown, used, withdrawn or over is answered alike.",
      body: AcceptInvitation,
      repeating: "who accepted it is told what it gave.",
      limit: "code",
      success: { status: 200, description: "What you may do now", schema: AcceptedInvitation },
      errors: ["invitation.not_found", "invitation.not_yours", "invitation.not_needed", "grant.is_owner", "user.not_found", "user.not_active"],
    },
    async (c) => c.json(await Invitation.accept(await jsonBody(c, AcceptInvitation))),
  );

  endpoint(
    app,
    {
      method: "delete",
      commits: true,
      path: "/invitations/:id",
      access: TEAM.of("invitation"),
      tag,
      summary: "Withdraw an invitation",
      params: ofInvitation,
      success: { status: 204, description: "Nobody accepts it any more" },
      errors: ["invitation.accepted"],
    },
    async (c) => {
      await Invitation.withdraw({ invitationId: pathId(c, InvitationIdSchema, Invitation.invitationNotFound) });
      return c.body(null, 204);
    },
  );
}
