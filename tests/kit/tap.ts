import { context } from "@fashionistas/core/context";
import { client } from "@fashionistas/core/db/client";

type Wire = { Key?: { pk?: unknown }; Item?: { pk?: unknown } };

const calls = new Map<string, string[]>();

/**
 * The calls to the table that a request made since it was last asked for, sorted, each to the word but for ids, hashes and
 * instants. Without those that a request makes whatever it asks for: signing in, once a minute, and counting it.
 */
export function workOf(requestId: string): string[] {
  const made = calls.get(requestId) ?? [];
  calls.delete(requestId);
  return made.sort();
}

client.middlewareStack.add(
  (next, { commandName = "" }) =>
    (args) => {
      const who = caller();
      if (who && !isAside(who, args.input)) {
        const words = `${commandName.replace("Command", "")} ${nameless(JSON.stringify(args.input))}`;
        calls.set(who.requestId, [...(calls.get(who.requestId) ?? []), words]);
      }
      return next(args);
    },
  { step: "initialize", name: "tap" },
);

function caller() {
  try {
    return context();
  } catch {
    return undefined;
  }
}

function isAside({ actor, audit }: ReturnType<typeof context>, input: unknown): boolean {
  const key = String((input as Wire).Key?.pk ?? (input as Wire).Item?.pk);
  if (actor.kind === "system") return actor.name === "sign-in";
  return key.startsWith("RATE#") || (actor.kind === "public" && audit === undefined && !key.startsWith("CALL#"));
}

function nameless(text: string): string {
  return text
    .replace(/[a-z]+_[0-9A-HJKMNP-TV-Z]{26}/g, "<id>")
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "<instant>")
    .replace(/[\w-]{43}/g, "<hash>")
    .replace(/\d{10,}/g, "<time>");
}
