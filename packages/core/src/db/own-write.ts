type Params = Readonly<Record<string, unknown>>;
type Row = Readonly<Record<string, unknown>>;

/** Stands in the subject's own write for the hash of the entry that tells what this write does. */
export const UNSIGNED = "unsigned";

/**
 * The subject's row after its own write, as that write will be sent: of several writes the one that stores the head.
 * Undefined when none does: the subject is removed.
 */
export function rowAfter(writes: readonly { params: Params }[], before: Row): Row | undefined {
  const own = writes.map(({ params }) => params).find((params) => headOf(params) === UNSIGNED);
  if (!own) return undefined;
  return (own["Item"] as Row | undefined) ?? updated(before, own);
}

function headOf({ Item, ...update }: Params): unknown {
  return Item ? (Item as Row)["auditHash"] : setBy(update)["auditHash"];
}

function updated(before: Row, update: Params): Row {
  const names = update["ExpressionAttributeNames"] as Record<string, string>;
  const [, removed = ""] = String(update["UpdateExpression"]).split(" REMOVE ");
  const gone = new Set(removed.match(/#\w+/g)?.map((token) => names[token]));
  return Object.fromEntries(Object.entries({ ...before, ...setBy(update) }).filter(([name]) => !gone.has(name)));
}

/** Attributes that an update sets, whole. */
function setBy(update: Params): Row {
  const { UpdateExpression, ExpressionAttributeNames: names = {}, ExpressionAttributeValues: values = {} } = update;
  const assignments = String(UpdateExpression ?? "").matchAll(/(#\w+) = (:\w+)/g);
  return Object.fromEntries([...assignments].map(([, name, value]) => [(names as Record<string, string>)[name!]!, (values as Row)[value!]]));
}

/** Puts the entry's hash in its place: into the subject's own write, and into copies of its row. */
export function signed(value: unknown, hash: string): void {
  if (typeof value !== "object" || value === null) return;
  for (const [name, member] of Object.entries(value)) {
    if (member === UNSIGNED && /^:?auditHash/.test(name)) (value as Record<string, unknown>)[name] = hash;
    else signed(member, hash);
  }
}
