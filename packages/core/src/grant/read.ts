import { Grants, type GrantRow } from "./entity.ts";

/** Everything that was granted to a user and has not expired at this instant. */
export async function listByUser(userId: string, at: string): Promise<GrantRow[]> {
  const { data } = await Grants.query.byUser({ userId }).go({ pages: "all", consistent: true });
  return data.filter(({ expiresAt }) => expiresAt === undefined || at < expiresAt);
}
