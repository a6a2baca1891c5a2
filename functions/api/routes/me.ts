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
import { ONESELF, SIGNED_IN } from "../access.ts";
import { endpoint, jsonBody, pathId, type Api } from "../endpoint.ts";
import { verified } from "../middleware/token.ts";

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
      method: "delete",
      commits: true,
      path: "/me",
      access: SIGNED_IN,
      tag,
      summary: "Be forgotten",
      description:
        "You are signed out everywhere for good, and your name, e-mail and phone become unreadable within minutes. Orders and payments stay, under numbers that name nobody; your tickets stay valid by their links.",
      success: { status: 202, description: "It has begun; asking again answers the same", schema: ErasureReceipt },
      errors: ["user.last_admin"],
    },
    async (c) => {
      const token = c.req.header("authorization");
      const { sub } = token === undefined ? {} : await verified(token);
      return c.json(Erasure.receiptOf(await Erasure.request(sub ? { subject: sub } : {})), 202);
    },
  );

  endpoint(
    app,
    {
      method: "get",
      path: "/me/consents",
      access: SIGNED_IN,
      tag,
      summary: "What did I say about being written to?",
      success: { status: 200, description: "Your last word for each channel, and all you said before", schema: ConsentsView },
    },
    async (c) => c.json(await Consent.mine({})),
  );

  endpoint(
    app,
    {
      method: "put",
      commits: true,
      path: "/me/consents",
      access: SIGNED_IN,
      tag,
      summary: "Say whether we may write to you",
      description: "About your verified phone number (WhatsApp) and e-mail address. Writing STOP to us on WhatsApp does the same.",
      body: MyConsents,
      success: { status: 200, description: "Your last word for each channel", schema: ConsentsView },
      errors: ["consent.no_channel"],
    },
    async (c) => c.json(await Consent.choose(await jsonBody(c, MyConsents))),
  );

  endpoint(
    app,
    {
      method: "post",
      commits: true,
      path: "/me/export",
      access: SIGNED_IN,
      tag,
      summary: "Ask for everything we hold about you",
      description: "It is collected in the background: GET /me/export says when it is ready.",
      repeating: "While one is collected, asking again answers with it.",
      success: { status: 202, description: "It is being collected", schema: DataExportView },
    },
    async (c) => c.json(await DataExport.request({}), 202),
  );

  endpoint(
    app,
    {
      method: "get",
      path: "/me/export",
      access: SIGNED_IN,
      tag,
      summary: "How far is my export?",
      success: { status: 200, description: "Collecting, or ready to be downloaded for a week", schema: DataExportView },
      errors: ["data_export.not_found"],
    },
    async (c) => c.json(await DataExport.get({})),
  );

  endpoint(
    app,
    {
      method: "get",
      path: "/me/export/download",
      access: SIGNED_IN,
      tag,
      summary: "Download my export",
      success: { status: 200, description: "One document with everything, in plain words", schema: PersonalData },
      errors: ["data_export.not_found", "data_export.not_ready"],
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
