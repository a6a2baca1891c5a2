import { Limits, type LimitClaim, type StandingShare } from "./entity.ts";

/** How many are taken under a limit, and by which orders. Strongly consistent; nothing is taken when nobody ever asked. */
export async function read({ scope, key }: Pick<LimitClaim, "scope" | "key">): Promise<{ taken: number; shares: Record<string, StandingShare> }> {
  const { data } = await Limits.get({ scope, key }).go({ consistent: true });
  return { taken: data?.taken ?? 0, shares: (data?.claims ?? {}) as Record<string, StandingShare> };
}
