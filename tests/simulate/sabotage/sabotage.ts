/**
 * Deliberate bugs, put below the product: what it sends to the table, to Stripe or to the bus is changed on the way, as a bug in
 * its code would change it. A simulation that does not notice one of them proves nothing about the invariant it breaks.
 */
import { bus } from "@fashionistas/functions/streams/publish";
import type { Operation } from "../../kit/dynamo/model.ts";
import type { Simulation } from "../../kit/simulation/index.ts";
import type { Plan } from "../histories/plan.ts";

export type Sabotage = {
  /** The bug, in words. */
  bug: string;
  /** What must be said to be violated. */
  caughtAs: RegExp;
  put: (simulation: Simulation) => () => void;
  /** What makes histories in which it can show likely. */
  plan?: (plan: Plan) => Plan;
};

type Input = Record<string, any>;
type Output = Record<string, unknown>;
type Between = (call: { operation: Operation; input: Input; simulation: Simulation }, next: (input: Input) => Promise<Output>) => Promise<Output> | undefined;

/** A bug in what is asked of the table; calls of which it says nothing are made as they are. */
export function onTable(bug: Between): Sabotage["put"] {
  return (simulation) => {
    const { table } = simulation;
    table.between = (operation, input, next) => bug({ operation, input, simulation }, next) ?? next(input);
    return () => void (table.between = undefined);
  };
}

type Member = Record<"Put" | "Update" | "Delete", Input | undefined>;

/** A bug in what is written in transactions: what each member becomes; undefined leaves it out. */
export function inTransactions(bug: (member: Member, all: readonly Member[]) => Member | Member[] | undefined): Sabotage["put"] {
  return onTable(({ operation, input }, next) => {
    if (operation !== "TransactWrite") return undefined;
    const all = input["TransactItems"] as Member[];
    const changed = all.flatMap((member) => bug(member, all) ?? []);
    return changed.length > 0 ? next({ ...input, TransactItems: changed }) : Promise.resolve({});
  });
}

export const entityOf = ({ Put, Update }: Member): unknown =>
  Put?.["Item"]?.["__edb_e__"] ?? Object.values(Update?.["ExpressionAttributeValues"] ?? {}).find((value) => ENTITIES.has(value as string));
const ENTITIES = new Set(["order", "ticket", "dispute", "refund", "event"]);

/** The call with another condition; placeholders that nothing names any more are left out. */
export function conditioned<T extends Input>(input: T, condition: string): T {
  const words = `${condition} ${input["UpdateExpression"] ?? ""}`;
  const used = (all: Input | undefined) => all && Object.fromEntries(Object.entries(all).filter(([name]) => new RegExp(`${name}\\b`).test(words)));
  const [names, values] = [used(input["ExpressionAttributeNames"]), used(input["ExpressionAttributeValues"])];
  const { ExpressionAttributeNames: _, ExpressionAttributeValues: __, ...rest } = input;
  return {
    ...rest,
    ConditionExpression: condition,
    ...(names && Object.keys(names).length > 0 ? { ExpressionAttributeNames: names } : {}),
    ...(values && Object.keys(values).length > 0 ? { ExpressionAttributeValues: values } : {}),
  } as unknown as T;
}

type Call = Parameters<Simulation["stripe"]["handle"]>[0];
type Reply = Awaited<ReturnType<Simulation["stripe"]["handle"]>>;

/** A bug in what is asked of Stripe, or in what is made of its answers. */
export function onStripe(bug: (call: Call, ask: (call: Call) => Promise<Reply>, simulation: Simulation) => Promise<Reply> | undefined): Sabotage["put"] {
  return (simulation) => {
    const { stripe } = simulation;
    const { handle } = stripe;
    stripe.handle = (call) => bug(call, handle, simulation) ?? handle(call);
    return () => void (stripe.handle = handle);
  };
}

/** A bug in what is made of the bus's answers. */
export function onBus(bug: (answers: { EventId?: string }[]) => { EventId?: string }[]): Sabotage["put"] {
  return () => {
    const { send } = bus;
    const answer = async (...args: unknown[]) => {
      const output = await (send as (...args: unknown[]) => Promise<{ Entries?: { EventId?: string }[] }>).apply(bus, args);
      return { ...output, FailedEntryCount: 0, Entries: bug(output.Entries ?? []) };
    };
    bus.send = answer as never;
    return () => void (bus.send = send);
  };
}

const BUCKET = /^POOL#[^#]+#G/;

/** Is this a change of a bucket whose words hold this? */
export function changesBucket(input: Input, words: string): boolean {
  return BUCKET.test(String(input["Key"]?.pk)) && `${input["UpdateExpression"]} ${input["ConditionExpression"]}`.includes(words);
}
