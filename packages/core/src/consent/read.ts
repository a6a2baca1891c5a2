import { ROLES, userIdOf } from "../actor.ts";
import { capability } from "../capability.ts";
import * as User from "../user/index.ts";
import * as z from "zod";
import { Consents, type ConsentRow } from "./entity.ts";
import type { Channel, ConsentEntry, ConsentsView } from "./schema.ts";

/** The last word about a channel, or undefined when nothing was ever said. Strongly consistent. */
export async function latest(channel: Channel, channelKey: string): Promise<ConsentRow | undefined> {
  const { data } = await Consents.query.byChannel({ channel, channelKey }).go({ limit: 1, order: "desc", consistent: true });
  return data[0];
}

/** May somebody be written to there: is their last word a yes? */
export async function isGranted(channel: Channel, channelKey: string): Promise<boolean> {
  return (await latest(channel, channelKey))?.state === "granted";
}

/** All that was ever said about a channel, the latest first. */
export async function history(channel: Channel, channelKey: string): Promise<ConsentEntry[]> {
  const { data } = await Consents.query.byChannel({ channel, channelKey }).go({ pages: "all", order: "desc", consistent: true });
  return data.map(({ state, source, at }) => ({ channel, state, source, at }));
}

/** What a user said about their verified phone number and e-mail address. */
export async function consentsOf({ phoneKey, emailKey }: Pick<User.UserRow, "phoneKey" | "emailKey">): Promise<ConsentsView> {
  const [whatsapp, email] = await Promise.all([phoneKey ? history("whatsapp", phoneKey) : [], emailKey ? history("email", emailKey) : []]);
  const lastWord = ([entry]: ConsentEntry[]) => (entry ? entry.state === "granted" : null);
  return { whatsapp: lastWord(whatsapp), email: lastWord(email), history: [...whatsapp, ...email].sort((a, b) => (a.at > b.at ? -1 : 1)) };
}

/** What one said about being written to. */
export const mine = capability("consent.mine", { input: z.strictObject({}), allow: ROLES }, async (_, { actor }) =>
  consentsOf(await User.theUser(userIdOf(actor)!)),
);
