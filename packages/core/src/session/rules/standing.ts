/**
 * Is somebody still signed in? A session is over when
 *
 *   - it was ended itself;
 *   - it began before the second at which all of its user's sessions were ended (the one that begins in that second stays);
 *   - its user is not active: suspended, being erased, erased, or unknown.
 *
 * Signed out at second 100: began at 99, over; began at 100, standing.
 */
export function isOver(
  user: { status: string; signedOutAt?: number | undefined } | undefined,
  session: { startedAtS: number; revokedAt?: string | undefined },
): boolean {
  if (user?.status !== "active") return true;
  return session.revokedAt !== undefined || session.startedAtS < (user.signedOutAt ?? 0);
}
