import { capability } from "../capability.ts";
import { created } from "../db/journal.ts";
import { transact, write } from "../db/transact.ts";
import * as Person from "../person/index.ts";
import { again } from "../retry.ts";
import { isoOf } from "../time.ts";
import { UserAppeared, UserContactVerified, UserRoleChanged } from "./domain-events.ts";
import { Users, type UserRow } from "./entity.ts";
import { forget } from "./known.ts";
import { find } from "./read.ts";
import { Appear } from "./schema.ts";
import { accessChangeOf, joiningAdmins, subjectOf } from "./write.ts";

/** What a profile's person is kept for. */
const PROFILE = "profile";

/**
 * Somebody signs in: at first sight they become a user, an attendee; later their row follows what the issuer verified since.
 * Whoever erased themselves begins anew. Two first sights at the same moment make one user.
 */
export const appear = capability("user.appear", { input: Appear, allow: ["system"] }, async (input, { now }): Promise<UserRow> => {
  return again(async () => {
    const standing = await find(input.userId);
    return Person.naming((idOf) => (standing ? followed(standing, input, idOf, now) : firstSight(input, idOf, now)));
  });
});

async function firstSight(input: Appear, idOf: Person.IdOf, now: number): Promise<UserRow> {
  const at = isoOf(now);
  const { keys, people } = describe(input, idOf);
  const row = {
    ...{ userId: input.userId, role: input.appoint ? ("admin" as const) : ("attendee" as const), status: "active" as const },
    ...{ ...keys, accessVersion: 1, createdAt: at },
    ...(input.appoint ? { appointedAt: at } : {}),
  };
  const events = [UserAppeared({ userId: input.userId }), ...((keys.emailKey ?? keys.phoneKey) ? [UserContactVerified({ userId: input.userId })] : [])];
  const remembered = await Person.remembering(people, { at, reason: PROFILE });
  const head = await transact(created("user", input.userId), events, (head) => [
    write(Users.create({ ...row, ...head })),
    ...(input.appoint ? [joiningAdmins(input.userId)] : []),
    ...remembered,
  ]);
  return { ...row, ...head };
}

async function followed(user: UserRow, input: Appear, idOf: Person.IdOf, now: number): Promise<UserRow> {
  const at = isoOf(now);
  const { keys, people } = describe(input, idOf);
  const verified = (keys.emailKey !== undefined && keys.emailKey !== user.emailKey) || (keys.phoneKey !== undefined && keys.phoneKey !== user.phoneKey);
  const appointed = input.appoint && user.appointedAt === undefined && user.role !== "admin";
  // An old token brings nobody back.
  const returns = user.status === "erased" && input.startedAt >= (user.signedOutAt ?? 0);
  if (!verified && !appointed && !returns) return user;

  // A name that somebody gave themselves stays; what the issuer verified anew becomes their contact.
  const change = {
    ...keys,
    ...(returns ? { status: "active" as const, role: "attendee" as const } : {}),
    ...(appointed ? { role: "admin" as const, appointedAt: at } : {}),
  };
  const events = [
    ...(verified || returns ? [UserContactVerified({ userId: user.userId })] : []),
    ...(appointed ? [UserRoleChanged({ userId: user.userId, from: user.role, to: "admin" })] : []),
  ];
  const remembered = await Person.remembering(people, { at, reason: PROFILE });
  const head = await transact(subjectOf(user), events, (head) => [
    accessChangeOf(user, head, change),
    ...(appointed ? [joiningAdmins(user.userId)] : []),
    ...remembered,
  ]);
  forget(user.userId);
  return { ...user, ...change, ...head, accessVersion: user.accessVersion + 1 };
}

// Without an e-mail there is no contact to keep in words; the phone's key still finds them.
function describe({ name, email, phone }: Appear, idOf: Person.IdOf) {
  const contact = email === undefined ? undefined : { name: name ?? email, email, ...(phone ? { phone } : {}) };
  const personId = contact && idOf(contact);
  return {
    keys: {
      ...(personId ? { personId } : {}),
      ...(email ? { emailKey: Person.emailKeyOf(email) } : {}),
      ...(phone ? { phoneKey: Person.phoneKeyOf(phone) } : {}),
    },
    people: contact && personId ? [[personId, contact] as const] : [],
  };
}
