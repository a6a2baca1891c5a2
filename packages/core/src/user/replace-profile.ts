import { ROLES, userIdOf } from "../actor.ts";
import { capability } from "../capability.ts";
import { transact } from "../db/transact.ts";
import * as Person from "../person/index.ts";
import { isoOf } from "../time.ts";
import { UserProfileChanged } from "./domain-events.ts";
import { notActive } from "./errors.ts";
import { theUser, viewOf } from "./read.ts";
import { Profile } from "./schema.ts";
import { changeOf, subjectOf } from "./write.ts";

/** Somebody says what they are called. E-mail and phone follow the issuer. @throws user.not_active */
export const replaceProfile = capability("user.replace_profile", { input: Profile, allow: ROLES }, async ({ name }, { actor, now }) => {
  const user = await theUser(userIdOf(actor)!);
  const person = user.personId === undefined ? undefined : await Person.find(user.personId);
  if (!person) throw notActive("Sign in with a verified e-mail address first.");
  if (person.name === name) return viewOf(user);
  const contact = { name, ...(person.email ? { email: person.email } : {}), ...(person.phone ? { phone: person.phone } : {}) };
  return Person.naming(async (idOf) => {
    const personId = idOf(contact);
    const remembered = await Person.remembering([[personId, contact]], { at: isoOf(now), reason: "profile" });
    const head = await transact(subjectOf(user), [UserProfileChanged({ userId: user.userId })], (head) => [changeOf(user, head, { personId }), ...remembered]);
    return viewOf({ ...user, personId, ...head });
  });
});
