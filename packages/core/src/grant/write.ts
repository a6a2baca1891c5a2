import type { DomainEvent } from "../domain-event.ts";
import { write, type Write } from "../db/transact.ts";
import { msOf, secondsOf } from "../time.ts";
import { GrantGiven } from "./domain-events.ts";
import { Grants, type GrantRow } from "./entity.ts";

type Named = Pick<GrantRow, "userId" | "role" | "scopeType" | "scopeId">;

/** The grant as it shall stand, in a transaction that also bumps its user's `accessVersion`: that is what it is conditioned on. */
export function giving(grant: Named & Pick<GrantRow, "grantedBy" | "createdAt" | "expiresAt">): { event: DomainEvent; write: Write } {
  const { userId, role, scopeType, scopeId, expiresAt } = grant;
  const until = expiresAt === undefined ? {} : { expiresAt };
  return {
    event: GrantGiven({ userId, role, scopeType, scopeId, ...until }),
    write: write(Grants.put({ ...grant, ...(expiresAt === undefined ? {} : { ttl: secondsOf(msOf(expiresAt)) }) })),
  };
}

/** The end of a grant, in such a transaction. */
export function taking({ userId, role, scopeType, scopeId }: Named): Write {
  return write(Grants.delete({ userId, role, scopeType, scopeId }));
}
