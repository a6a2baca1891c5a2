/**
 * Where a ticket's seat is. An order has one claim per pool, gathered from one bucket or several. The order's tickets that claim
 * from a pool, in ticket order, fill its parts in the order in which they are recorded; so a ticket's seat is the same for
 * everybody who asks, for ever.
 *
 * Worked example: parts of 16 and 4 seats; tickets 0 to 15 sit in the first, 16 to 19 in the second.
 */
export function claimOfTicket<T extends { q: number }>(claimsOfPool: readonly T[], index: number): T {
  let before = 0;
  for (const claim of claimsOfPool) {
    before += claim.q;
    if (index >= 0 && index < before) return claim;
  }
  throw new Error(`ticket ${index} has no seat among ${before}`);
}
