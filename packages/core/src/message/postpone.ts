import * as z from "zod";
import { capability } from "../capability.ts";
import { ignoreRefusal } from "../db/transact.ts";
import { Messages } from "./entity.ts";

/** The vendor surely did not take it: the next try may send at once. */
export const postpone = capability("message.postpone", { input: z.strictObject({ key: z.string() }), allow: ["system"] }, async ({ key }) => {
  await Messages.delete({ key })
    .where(({ status }, { eq }) => eq(status, "sending"))
    .go()
    .catch(ignoreRefusal);
});
