import * as z from "zod";
import { capability } from "../capability.ts";
import { inTurns } from "../in-turns.ts";
import { OrderIdSchema, type OrderId } from "../id.ts";
import * as Person from "../person/index.ts";
import * as User from "../user/index.ts";
import { adopt } from "./adopt.ts";
import { find, listByBuyer } from "./read.ts";

const AT_ONCE = 5;

/** Gives a user everything that guests bought whose e-mail or phone they proved to be theirs. Repeating it finds what came since. */
export const adoptAll = capability(
  "order.adopt_all",
  { input: z.strictObject({ userId: z.string() }), allow: ["system"] },
  async ({ userId }): Promise<void> => {
    const user = await User.find(userId);
    if (user?.status !== "active") return;
    const personIds = await Person.listByKeys({ emailKey: user.emailKey, phoneKey: user.phoneKey });
    await inTurns(personIds, AT_ONCE, async (personId) => {
      for (const { orderId } of await listByBuyer(personId)) await adopt({ orderId: orderId as OrderId, userId });
    });
  },
);

/** Gives a guest's order to the user who proved its e-mail to be theirs, else its phone: of several, who appeared first. */
export const adoptByContact = capability(
  "order.adopt_by_contact",
  { input: z.strictObject({ orderId: OrderIdSchema }), allow: ["system"] },
  async ({ orderId }): Promise<void> => {
    const order = await find(orderId);
    if (!order || order.userId) return;
    const [person] = await Person.listStanding([order.personId]);
    const userId = (await firstOf({ emailKey: person?.emailKey })) ?? (await firstOf({ phoneKey: person?.phoneKey }));
    if (userId) await adopt({ orderId, userId });
  },
);

async function firstOf(keys: Person.ContactKeys): Promise<string | undefined> {
  const users = (await User.listByContact(keys)).filter(({ status }) => status === "active");
  return users.sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1))[0]?.userId;
}
