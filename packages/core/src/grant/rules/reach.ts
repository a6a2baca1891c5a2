/**
 * How long somebody may give away what they have: admins and the owner of an event for ever; whoever organizes it by a grant no
 * longer than that lasts, or a grant that ends could be kept alive by handing it to and fro.
 *
 *   granted until Friday and until Sunday: until Sunday
 *   granted until Friday and without end:  for ever
 */
export function reachOf(untils: readonly (string | undefined)[]): string | undefined {
  if (untils.includes(undefined)) return undefined;
  return (untils as string[]).reduce((latest, until) => (until > latest ? until : latest), "");
}
