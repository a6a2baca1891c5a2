/**
 * What core asks of the table, in a form whose changes can be read: for keys.test.ts. Import it before any entity, because
 * entities take the table's name when they are made.
 */
import { vi } from "vitest";
import type { Actor } from "../../packages/core/src/actor.ts";
import { withContext } from "../../packages/core/src/context.ts";
import { client } from "../../packages/core/src/db/client.ts";

process.env["TABLE_NAME"] = "golden";
process.env["KEYS_TABLE_NAME"] = "golden-keys";
process.env["AWS_REGION"] ??= "eu-south-1";
process.env["PERSON_HASH_KEY"] = "golden";
process.env["ORDER_TOKEN_KEY"] = "golden";

type Params = Record<string, unknown>;

/** The parameters with names and values written into the expressions, without the table's name. */
export function readable(params: Params): Params {
  const { ExpressionAttributeNames: names = {}, ExpressionAttributeValues: values = {}, TableName: _, ...rest } = params;
  const inWords = (expression: string) =>
    expression.replace(/[#:]\w+/g, (token) => (names as Record<string, string>)[token] ?? text((values as Params)[token]) ?? token);
  const given = Object.entries(rest).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given.map(([name, value]) => [name, name.endsWith("Expression") ? inWords(value as string) : value]));
}

function text(value: unknown): string | undefined {
  return JSON.stringify(value, (_, part: unknown) => (part instanceof Set ? [...part] : part));
}

/** The commands that `work` sends, none of which is carried out: each is answered with the next of `answers` (an error: refused), then with nothing. */
export async function sentBy(work: () => Promise<unknown>, answers: readonly (Params | Error)[] = []): Promise<Params[]> {
  const sent: Params[] = [];
  const send = vi.spyOn(client, "send").mockImplementation(async (command: { input: object }) => {
    sent.push(readable(command.input as Params));
    const answer = answers[sent.length - 1];
    if (answer instanceof Error) throw answer;
    return answer ?? ("KeyConditionExpression" in command.input ? { Items: [] } : {});
  });
  await work().finally(() => send.mockRestore());
  return sent;
}

/** Runs a verb as somebody. */
export function as<T>(actor: Actor, verb: () => Promise<T>): Promise<T> {
  return withContext({ actor, requestId: "req_1", correlationId: "req_1" }, verb);
}

export const anybody: Actor = { kind: "public" };
export const system: Actor = { kind: "system", name: "golden" };
