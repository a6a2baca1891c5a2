import * as Consent from "@fashionistas/core/consent";
import { ConsentsView, MyConsents } from "@fashionistas/core/consent/schema";
import * as DataExport from "@fashionistas/core/data-export";
import { DataExportView, PersonalData } from "@fashionistas/core/data-export/schema";
import * as Erasure from "@fashionistas/core/erasure";
import { ErasureReceipt } from "@fashionistas/core/erasure/schema";
import * as Session from "@fashionistas/core/session";
import { SessionIdSchema, SessionView } from "@fashionistas/core/session/schema";
import * as User from "@fashionistas/core/user";
import { Profile, UserView } from "@fashionistas/core/user/schema";
import * as z from "zod";
import { endpoint, jsonBody, pathId, type Api } from "../endpoint.ts";
import { verified } from "../middleware/token.ts";

const tag = "Me";
const security = "person" as const;
const errors = ["actor.unauthenticated", "actor.not_allowed"];

/** /me: whoever signed in, and where. */
export function me(app: Api): void {
  endpoint(
    app,
    {
      method: "get",
      path: "/me",
      tag,
      summary: "Who am I?",
      security,
      success: { status: 200, description: "You, as we know you: what your issuer verified, and the role you have here", schema: UserView },
      errors,
    },
    async (c) => c.json(await User.me({})),
  );

  endpoint(
    app,
    {
      method: "put",
      commits: true,
      path: "/me",
      tag,
      summary: "Say what you are called",
      description: "E-mail and phone number follow what your issuer verified.",
      security,
      body: Profile,
      success: { status: 200, description: "You, as you are now", schema: UserView },
      errors: [...errors, "user.not_active"],
    },
    async (c) => c.json(await User.replaceProfile(await jsonBody(c, Profile))),
  );

  endpoint(
    app,
    {
      method: "delete",
      commits: true,
      path: "/me",
      tag,
      summary: "Be forgotten",
      description:
        "You are signed out everywhere for good, and your name, e-mail and phone become unreadable within minutes. Orders and payments stay, under numbers that name nobody; your tickets stay valid by their links.",
      security,
      success: { status: 202, description: "It has begun; asking again answers the same", schema: ErasureReceipt },
      errors: [...errors, "user.last_admin"],
    },
    async (c) => {
      const { sub } = await verified(c.req.header("authorization") ?? "");
      return c.json(Erasure.receiptOf(await Erasure.request(sub ? { subject: sub } : {})), 202);
    },
  );

  endpoint(
    app,
    {
      method: "get",
      path: "/me/consents",
      tag,
      summary: "What did I say about being written to?",
      security,
      success: { status: 200, description: "Your last word for each channel, and all you said before", schema: ConsentsView },
      errors,
    },
    async (c) => c.json(await Consent.mine({})),
  );

  endpoint(
    app,
    {
      method: "put",
      commits: true,
      path: "/me/consents",
      tag,
      summary: "Say whether we may write to you",
      description: "About your verified phone number (WhatsApp) and e-mail address. Writing STOP to us on WhatsApp does the same.",
      security,
      body: MyConsents,
      success: { status: 200, description: "Your last word for each channel", schema: ConsentsView },
      errors: [...errors, "consent.no_channel"],
    },
    async (c) => c.json(await Consent.choose(await jsonBody(c, MyConsents))),
  );

  endpoint(
    app,
    {
      method: "post",
      commits: true,
      path: "/me/export",
      tag,
      summary: "Ask for everything we hold about you",
      description: "It is collected in the background: GET /me/export says when it is ready.",
      security,
      success: { status: 202, description: "It is being collected", schema: DataExportView },
      errors,
      repeating: "While one is collected, asking again answers with it.",
    },
    async (c) => c.json(await DataExport.request({}), 202),
  );

  endpoint(
    app,
    {
      method: "get",
      path: "/me/export",
      tag,
      summary: "How far is my export?",
      security,
      success: { status: 200, description: "Collecting, or ready to be downloaded for a week", schema: DataExportView },
      errors: [...errors, "data_export.not_found"],
    },
    async (c) => c.json(await DataExport.get({})),
  );

  endpoint(
    app,
    {
      method: "get",
      path: "/me/export/download",
      tag,
      summary: "Download my export",
      security,
      success: { status: 200, description: "One document with everything, in plain words", schema: PersonalData },
      errors: [...errors, "data_export.not_found", "data_export.not_ready"],
    },
    async (c) => {
      c.header("content-disposition", 'attachment; filename="my-data.json"');
      return c.json(await DataExport.download({}));
    },
  );

  endpoint(
    app,
    {
      method: "get",
      path: "/me/sessions",
      tag,
      summary: "Where am I signed in?",
      security,
      success: {
        status: 200,
        description: "Every session of the last 90 days, the latest first",
        schema: z.object({ items: z.array(SessionView) }).meta({ example: { items: [] } }),
      },
      errors,
    },
    async (c) => c.json(await Session.list({})),
  );

  endpoint(
    app,
    {
      method: "delete",
      commits: true,
      path: "/me/sessions",
      tag,
      summary: "Sign out everywhere",
      description: "Every session ends, this one included: within a minute everywhere, open WebSockets too.",
      security,
      success: { status: 204, description: "They end" },
      errors,
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
      tag,
      summary: "End one session",
      security,
      params: z.object({ id: z.string().meta({ example: "ses_01J8Z3K4M5N6P7Q8R9S0T1V2W3" }) }),
      success: { status: 204, description: "It ends: within a minute everywhere" },
      errors: [...errors, "session.not_found"],
    },
    async (c) => {
      await Session.end({ sessionId: pathId(c, SessionIdSchema, Session.sessionNotFound) });
      return c.body(null, 204);
    },
  );
}
