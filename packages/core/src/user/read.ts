import { ROLES, userIdOf } from "../actor.ts";
import { capability } from "../capability.ts";
import { pageOf } from "../page.ts";
import * as Person from "../person/index.ts";
import { readAll } from "../db/read-all.ts";
import { Users, type UserRow } from "./entity.ts";
import { notActive, userNotFound } from "./errors.ts";
import { AUser, ListUsers, NoInput, SearchUsers, type UserView } from "./schema.ts";

/** The row of a user, or undefined. Strongly consistent. */
export async function find(userId: string): Promise<UserRow | undefined> {
  const { data } = await Users.get({ userId }).go({ consistent: true });
  return data ?? undefined;
}

/** The row of a user. @throws user.not_found */
export async function theUser(userId: string): Promise<UserRow> {
  const user = await find(userId);
  if (!user) throw userNotFound();
  return user;
}

/** The row of a user who may act. @throws user.not_found, user.not_active */
export async function theActive(userId: string): Promise<UserRow> {
  const user = await theUser(userId);
  if (user.status !== "active") throw notActive(`They are ${user.status}.`);
  return user;
}

/** The faces of these users, in no order; at most 100. For those who work with them. */
export async function listByIds(userIds: readonly string[]): Promise<UserView[]> {
  const keys = [...new Set(userIds)].map((userId) => ({ userId }));
  return viewsOf(await readAll(keys, (batch) => Users.get(batch).go()));
}

/** Users whose verified e-mail or phone has this key. */
export async function listByContact({ emailKey, phoneKey }: { emailKey?: string | undefined; phoneKey?: string | undefined }): Promise<UserRow[]> {
  const found = await Promise.all([
    emailKey ? Users.query.byEmail({ emailKey }).go() : undefined,
    phoneKey ? Users.query.byPhone({ phoneKey }).go() : undefined,
  ]);
  return [...new Map(found.flatMap((page) => page?.data ?? []).map((row) => [row.userId, row])).values()];
}

/**
 * Did another user than this one prove that the e-mail address of these words is theirs? Then they are not this one's, whoever
 * shares a phone with them or bought a ticket for them.
 */
export async function isOfAnother({ emailKey }: { emailKey?: string | undefined }, userId: string | undefined): Promise<boolean> {
  const users = await listByContact({ emailKey });
  return users.some((user) => user.userId !== userId && user.status !== "erased");
}

/** Who is asking. */
export const me = capability("user.me", { input: NoInput, allow: ROLES }, async (_, { actor }) => viewOf(await theUser(userIdOf(actor)!)));

/** One user, for admins. @throws user.not_found */
export const get = capability("user.get", { input: AUser, allow: ["admin", "key"], needs: "users:read" }, async ({ userId }) => viewOf(await theUser(userId)));

/** The users of a role, oldest first, for admins. */
export const list = capability("user.list", { input: ListUsers, allow: ["admin", "key"], needs: "users:read" }, async (input) => {
  const page = await pageOf(Users.query.byRole({ role: input.role }), input, ["users", input.role], (row) => row);
  return { ...page, items: await viewsOf(page.items) };
});

/** Users by their verified e-mail or phone number, for admins. */
export const search = capability("user.search", { input: SearchUsers, allow: ["admin", "key"], needs: "users:read" }, async ({ email, phone }) => {
  const rows = await listByContact({ emailKey: email && Person.emailKeyOf(email), phoneKey: phone && Person.phoneKeyOf(phone) });
  return { items: await viewsOf(rows) };
});

async function viewsOf(rows: readonly UserRow[]): Promise<UserView[]> {
  const people = new Map((await Person.findAll(rows.flatMap(({ personId }) => personId ?? []))).map((person) => [person.personId, person]));
  return rows.map((row) => faceOf(row, row.personId === undefined ? undefined : people.get(row.personId)));
}

/** The face of a user, for themselves and for admins. */
export async function viewOf(user: UserRow): Promise<UserView> {
  return faceOf(user, user.personId === undefined ? undefined : await Person.find(user.personId));
}

function faceOf(user: UserRow, person: Person.KnownPerson | undefined): UserView {
  const { userId, role, status, createdAt, updatedAt, version } = user;
  const words = { name: person?.name ?? null, email: person?.email ?? null, phone: person?.phone ?? null };
  return { id: userId, role, status, ...words, createdAt, updatedAt, version };
}
