import * as Session from "@fashionistas/core/session";
import { SessionIdSchema, SessionView } from "@fashionistas/core/session/schema";
import * as User from "@fashionistas/core/user";
import { Profile, UserView } from "@fashionistas/core/user/schema";
import * as z from "zod";
import { ONESELF, SIGNED_IN } from "../access.ts";
import { endpoint, jsonBody, pathId, type Api } from "../endpoint.ts";

const tag = "Me";

/** /me: whoever signed in, and where. */
export function me(app: Api): void {
  endpoint(
    app,
    {
      method: "get",
      path: "/me",
      access: SIGNED_IN,
      tag,
      summary: "Who am I?",
      success: { status: 200, description: "You, as we know you: what your issuer verified, and the role you have here", schema: UserView },
    },
    async (c) => c.json(await User.me({})),
  );

  endpoint(
    app,
    {
      method: "put",
      commits: true,
      path: "/me",
      access: SIGNED_IN,
      tag,
      summary: "Say what you are called",
      description: "E-mail and phone number follow what your issuer verified.",
      body: Profile,
      success: { status: 200, description: "You, as you are now", schema: UserView },
      errors: ["user.not_active"],
    },
    async (c) => c.json(await User.replaceProfile(await jsonBody(c, Profile))),
  );

  endpoint(
    app,
    {
      method: "get",
      path: "/me/sessions",
      access: SIGNED_IN,
      tag,
      summary: "Where am I signed in?",
      success: {
        status: 200,
        description: "Every session of the last 90 days, the latest first",
        schema: z.object({ items: z.array(SessionView) }).meta({ example: { items: [] } }),
      },
    },
    async (c) => c.json(await Session.list({})),
  );

  endpoint(
    app,
    {
      method: "delete",
      commits: true,
      path: "/me/sessions",
      access: SIGNED_IN,
      tag,
      summary: "Sign out everywhere",
      description: "Every session ends, this one included: within a minute everywhere, open WebSockets too.",
      success: { status: 204, description: "They end" },
    },
    async (c) => {
      await Session.endAll({});
      return c.body(null, 204);
    },
  );

  endpoint(
    app,
    {
      method: "delete",
      commits: true,
      path: "/me/sessions/:id",
      access: ONESELF.of("session"),
      tag,
      summary: "End one session",
      params: z.object({ id: z.string().meta({ example: "ses_01J8Z3K4M5N6P7Q8R9S0T1V2W3" }) }),
      success: { status: 204, description: "It ends: within a minute everywhere" },
    },
    async (c) => {
      await Session.end({ sessionId: pathId(c, SessionIdSchema, Session.sessionNotFound) });
      return c.body(null, 204);
    },
  );
}
