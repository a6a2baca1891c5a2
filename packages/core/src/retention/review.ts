import * as z from "zod";
import { capability } from "../capability.ts";
import * as DataKey from "../data-key/index.ts";
import * as Erasure from "../erasure/index.ts";
import { inTurns } from "../in-turns.ts";
import { KEPT } from "../kept.ts";
import * as Order from "../order/index.ts";
import * as Person from "../person/index.ts";
import { isoOf } from "../time.ts";
import * as User from "../user/index.ts";
import { Walks } from "./entity.ts";
import { dueAs, mayBeEnquirer, type Days } from "./rules/due.ts";

const PAGE = 100;
const PAGES = 100;
const AT_ONCE = 5;
const NEVER_SOLD = ["expired", "cancelled"];

/**
 * Walks on through all keys of personal data, at most 10,000 of them, and begins to erase who is past their time. A run that dies
 * repeats its page: whoever is erased already is not erased again.
 * @returns how many people are to be erased, and exports forgotten
 */
export const review = capability("retention.review", { input: z.strictObject({}), allow: ["schedule"] }, async (_, { now }) => {
  const days = { buyers: KEPT.buyers.days(), enquirers: KEPT.enquirers.days(), exports: KEPT.exports.days() };
  const found = { people: 0, exports: 0 };
  const { data: walk } = await Walks.get({ name: "keys" }).go({ consistent: true });
  let cursor = walk?.cursor;
  for (let n = 0; n < PAGES; n++) {
    const page = await DataKey.pageOfKeys(PAGE, cursor);
    const { people, exports } = await dueIn(page.keys, now, days);
    for (const subjectId of exports) await DataKey.forgetting(subjectId).go();
    if (people.length > 0) await Erasure.begin({ personIds: people });
    found.people += people.length;
    found.exports += exports.length;
    cursor = page.cursor;
    await Walks.put({ name: "keys", updatedAt: isoOf(now), ...(cursor ? { cursor } : {}) }).go();
    if (!cursor) break;
  }
  return found;
});

async function dueIn(keys: readonly DataKey.KeptKey[], now: number, days: Days): Promise<{ people: string[]; exports: string[] }> {
  const due = await inTurns(keys, AT_ONCE, async (key) => dueAs(key, now, days, mayBeEnquirer(key, now, days) && (await wasSold(key.reason))));
  const idsOf = (wanted: (as: (typeof due)[number]) => boolean) => keys.flatMap(({ subjectId }, i) => (wanted(due[i]) ? [subjectId] : []));
  return { people: await nobodysProfile(idsOf((as) => as === "buyer" || as === "enquirer")), exports: idsOf((as) => as === "export") };
}

async function wasSold(orderId: string): Promise<boolean> {
  const order = await Order.find(orderId);
  return order !== undefined && !NEVER_SOLD.includes(order.status);
}

// Words that a user proved to be theirs end with the user.
async function nobodysProfile(personIds: readonly string[]): Promise<string[]> {
  const standing = (await Person.listStanding(personIds)).filter(({ erasedAt }) => !erasedAt);
  const profiles = await inTurns(standing, AT_ONCE, (person) => User.isOfAnother(person, undefined));
  return standing.filter((_, i) => !profiles[i]).map(({ personId }) => personId);
}
