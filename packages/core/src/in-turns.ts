/** Does `work` for every item, at most `atOnce` at the same time, one batch after the other. @returns what it answered, in the items' order */
export async function inTurns<T, R>(items: readonly T[], atOnce: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const answers: R[] = [];
  for (let i = 0; i < items.length; i += atOnce) answers.push(...(await Promise.all(items.slice(i, i + atOnce).map(work))));
  return answers;
}
