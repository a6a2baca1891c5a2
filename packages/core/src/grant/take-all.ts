import * as z from "zod";
import { capability } from "../capability.ts";
import { transact } from "../db/transact.ts";
import { UserIdSchema } from "../id.ts";
import { again } from "../retry.ts";
import * as User from "../user/index.ts";
import { GrantTaken } from "./domain-events.ts";
import { Grants } from "./entity.ts";
import { taking } from "./write.ts";

/** Far below the hundred items of a transaction. */
const AT_ONCE = 40;
const TakeAllGrants = z.strictObject({ userId: UserIdSchema, givenBefore: z.string() });

/** Takes away everything that was granted to a user before this instant: they were erased. Repeating it changes nothing. */
export const takeAll = capability("grant.take_all", { input: TakeAllGrants, allow: ["system"] }, async ({ userId, givenBefore }): Promise<void> => {
  for (;;) {
    const left = await again(async () => {
      const user = await User.find(userId);
      const { data } = await Grants.query.byUser({ userId }).go({ pages: "all", consistent: true });
      const all = data.filter(({ createdAt }) => createdAt < givenBefore);
      if (!user || all.length === 0) return 0;
      const some = all.slice(0, AT_ONCE);
      const events = some.map(({ role, scopeType, scopeId }) => GrantTaken({ userId, role, scopeType, scopeId }));
      await transact(User.subjectOf(user), events, (head) => [User.accessChangeOf(user, head), ...some.map(taking)]);
      return all.length - some.length;
    });
    if (left === 0) break;
  }
  User.forget(userId);
});
