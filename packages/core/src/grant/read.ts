import { isAdmin, ROLES, TEAM, userIdOf } from "../actor.ts";
import { capability } from "../capability.ts";
import { notAllowed } from "../error.ts";
import { pageOf } from "../page.ts";
import { isoOf } from "../time.ts";
import * as User from "../user/index.ts";
import { governed } from "./authority.ts";
import { Grants, type GrantRow } from "./entity.ts";
import { type GrantView, ListGrants, ListOrganizers, NoInput, type OrganizerView } from "./schema.ts";

/** Everything that was granted to a user and has not expired at this instant. */
export async function listByUser(userId: string, at: string): Promise<GrantRow[]> {
  const { data } = await Grants.query.byUser({ userId }).go({ pages: "all", consistent: true });
  return data.filter((grant) => isLive(grant, at));
}

/** One grant, unless it has expired at this instant. Strongly consistent. */
export async function find(
  { userId, role, scopeType, scopeId }: Pick<GrantRow, "userId" | "role" | "scopeType" | "scopeId">,
  at: string,
): Promise<GrantRow | undefined> {
  const { data } = await Grants.get({ userId, role, scopeType, scopeId }).go({ consistent: true });
  return data && isLive(data, at) ? data : undefined;
}

function isLive({ expiresAt }: Pick<GrantRow, "expiresAt">, at: string): boolean {
  return expiresAt === undefined || at < expiresAt;
}

/** What was granted to whoever asks. */
export const listMine = capability("grant.list_mine", { input: NoInput, allow: ROLES }, async (_, { actor, now }) => ({
  items: (await listByUser(userIdOf(actor)!, isoOf(now))).map(viewOf),
}));

/** Grants for one thing, for those who may give them; or of one user, for admins. @throws event.not_found */
export const list = capability("grant.list", { input: ListGrants, allow: TEAM, needs: "organizers:read" }, async (input, { actor, now }) => {
  const { userId, scopeType, scopeId } = input;
  if (scopeType && scopeId) await governed(actor, { type: scopeType, id: scopeId });
  else if (!isAdmin(actor)) throw notAllowed("Ask for the grants of an event that you manage.");
  const query = userId ? Grants.query.byUser({ userId }) : Grants.query.byThing({ scopeType: scopeType!, scopeId: scopeId! });
  const page = await pageOf(query, input, ["grants", userId, scopeType, scopeId], (row) => row);
  return { ...page, items: page.items.filter((grant) => isLive(grant, isoOf(now))).map(viewOf) };
});

/** Who organizes an event: first whose it is, then who was granted it, longest since first. For those who manage it. @throws event.not_found */
export const listOrganizers = capability(
  "grant.list_organizers",
  { input: ListOrganizers, allow: TEAM, needs: "organizers:read" },
  async ({ eventId, ...query }, { actor, now }) => {
    const event = (await governed(actor, { type: "event", id: eventId }))!;
    const page = await pageOf(
      Grants.query.byThing({ scopeType: "event", scopeId: eventId }).where(({ role }, { eq }) => eq(role, "organizer")),
      query,
      ["organizers", eventId],
      (row) => row,
    );
    const owner = query.cursor === undefined ? [{ userId: event.organizerId, createdAt: event.createdAt }] : [];
    const granted = page.items.filter((grant) => isLive(grant, isoOf(now)));
    return { ...page, items: [...(await organizersOf(owner, true)), ...(await organizersOf(granted, false))] };
  },
);

async function organizersOf(rows: readonly Pick<GrantRow, "userId" | "expiresAt" | "createdAt">[], isOwner: boolean): Promise<OrganizerView[]> {
  const users = new Map((await User.listByIds(rows.map(({ userId }) => userId))).map((user) => [user.id, user]));
  return rows.map(({ userId, expiresAt, createdAt }) => {
    const { name = null, email = null } = users.get(userId) ?? {};
    return { userId, name, email, isOwner, expiresAt: expiresAt ?? null, since: createdAt };
  });
}

/** The face of a grant. */
export function viewOf({ userId, role, scopeType, scopeId, expiresAt, createdAt }: Omit<GrantRow, "grantedBy">): GrantView {
  return { userId, role, scope: { type: scopeType, id: scopeId }, expiresAt: expiresAt ?? null, createdAt };
}
