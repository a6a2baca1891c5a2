import { ROLES, userIdOf } from "../actor.ts";
import { capability } from "../capability.ts";
import { isoOf } from "../time.ts";
import * as User from "../user/index.ts";
import { noChannel } from "./errors.ts";
import { consentsOf, latest } from "./read.ts";
import { adding } from "./record.ts";
import { MyConsents, type ConsentsView } from "./schema.ts";

/** Somebody says whether they may be written to. Saying the same again adds nothing. @throws consent.no_channel */
export const choose = capability("consent.choose", { input: MyConsents, allow: ROLES }, async (choices, { actor, now }): Promise<ConsentsView> => {
  const user = await User.theUser(userIdOf(actor)!);
  const said = [
    { channel: "whatsapp" as const, channelKey: user.phoneKey, choice: choices.whatsapp, missing: "Sign in with a verified phone number first." },
    { channel: "email" as const, channelKey: user.emailKey, choice: choices.email, missing: "Sign in with a verified e-mail address first." },
  ];
  for (const { channelKey, choice, missing } of said) if (choice !== undefined && !channelKey) throw noChannel(missing);
  for (const { channel, channelKey, choice } of said) {
    if (choice === undefined || !channelKey) continue;
    const state = choice ? "granted" : "withdrawn";
    if ((await latest(channel, channelKey))?.state === state) continue;
    await adding({ channel, channelKey, state, source: "me", at: isoOf(now) }, now);
  }
  return consentsOf(user);
});
