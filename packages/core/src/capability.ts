import type * as z from "zod";
import { acting, actorRef, type Actor, type ActorKind } from "./actor.ts";
import { context, now, withContext } from "./context.ts";
import { inputInvalid, notAllowed, notAuthenticated, type FieldError } from "./error.ts";
import { log, slowOperationMs } from "./log.ts";
import type { Need } from "./permission.ts";

export type Scope = {
  /** Who calls, in those of their roles that permit it. */
  actor: Actor;
  /** Epoch milliseconds at which the verb began: one instant for the whole decision. */
  now: number;
};

/**
 * The only way to declare a verb: authorises the kind of actor, parses the input, then runs. `needs` is what a role must permit
 * for somebody to act in it; without a role that does, they are left what everybody may.
 * Ownership is the verb's own decision: what is somebody else's answers exactly as what is missing.
 * @throws input.invalid (naming each field), actor.unauthenticated, actor.not_allowed, and what the verb throws
 */
export function capability<S extends z.ZodType, R>(
  name: `${string}.${string}`,
  options: { input: S; allow: readonly ActorKind[]; needs?: Need },
  run: (input: z.output<S>, scope: Scope) => Promise<R>,
): ((input: z.input<S>) => Promise<R>) & { capability: string; input: S; allow: readonly ActorKind[]; needs: Need | undefined } {
  const verb = (input: z.input<S>): Promise<R> => {
    const current = context();
    const actor = acting(current.actor, options.needs);
    authorise(name, actor, options.allow);
    const parsed = parse(options.input, input);
    const startedMs = now();
    const audit = { action: name, at: new Date(startedMs).toISOString() };
    return withContext({ ...current, audit }, async () => {
      const result = await run(parsed, { actor, now: startedMs });
      const tookMs = now() - startedMs;
      if (tookMs > slowOperationMs) log.warn("slow operation", { verb: name, tookMs });
      return result;
    });
  };
  return Object.assign(async (input: z.input<S>) => verb(input), { capability: name, input: options.input, allow: options.allow, needs: options.needs });
}

function authorise(name: string, actor: Actor, allow: readonly ActorKind[]): void {
  if (isAllowed(actor, allow)) return;
  if (actor.kind === "public") throw notAuthenticated("Send a bearer token: this needs somebody who signed in.");
  throw notAllowed(`${actorRef(actor).kind} may not ${name.replace(".", " ")}.`);
}

function isAllowed(actor: Actor, allow: readonly ActorKind[]): boolean {
  if (!("hats" in actor)) return allow.includes(actor.kind);
  const inRole = actor.hats.some(({ role }) => allow.includes(role));
  // Whoever signed in may do what an attendee may; a key is let in by name, and then acts in its owner's roles.
  return actor.kind === "key" ? allow.includes("key") && (inRole || allow.includes("public")) : inRole || allow.includes("attendee");
}

/** Parses or throws input.invalid with one entry per refused field. */
export function parse<S extends z.ZodType>(schema: S, input: unknown): z.output<S> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const fields = result.error.issues.flatMap((issue) => fieldErrors(issue, []));
  const named = fields.map((field) => field.path || "body").join(", ");
  throw inputInvalid(`Check ${named}: see errors for what each should be.`, { fields });
}

function fieldErrors(issue: z.core.$ZodIssue, parents: readonly PropertyKey[]): FieldError[] {
  const path = [...parents, ...issue.path];
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => ({ path: [...path, key].join("."), message: "Unknown field: remove it." }));
  // Of a choice, the branch that was meant is the one whose mistake lies deepest.
  const meant = issue.code === "invalid_union" ? issue.errors.find((branch) => branch.some(({ path }) => path.length > 0)) : undefined;
  if (meant) return meant.flatMap((inner) => fieldErrors(inner, path));
  return [{ path: path.join("."), message: issue.message }];
}
