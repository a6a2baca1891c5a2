import { createServer, request as forward, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { isMachine } from "@fashionistas/core/actor";
import { context } from "@fashionistas/core/context";
import { client } from "@fashionistas/core/db/client";
import { afterAll } from "vitest";
import { startWorld, type World } from "./world.ts";

/**
 * Crashes on purpose. Every call of the product to its table, and every call to Stripe through the gate, is a point at which
 * its process may die: `before` the call is made, or `after` it was made and before its answer is read. From then on every
 * call of that invocation fails, as if it were not there any more. Other invocations go on: they are other processes.
 */
export type CrashPoint = { at: number; when: "before" | "after"; of: "requests" | "machines" };

export class Crash extends Error {
  override readonly name = "Crash";
}

const dead = new Set<string>();
let armed: CrashPoint | undefined;
let calls = 0;
let last = "";
let triggered = false;

/** Arms the next crash and counts calls from one: those of people's requests, or those of webhooks, relay and consumers. */
export function crashAt(point: CrashPoint): void {
  armed = point;
  calls = 0;
  last = "";
  triggered = false;
}

/** Disarms. @returns whether the crash happened: false means that there were fewer calls than that */
export function disarm(): boolean {
  armed = undefined;
  return triggered;
}

/** The running invocation, when the armed crash is meant for its kind. */
function invocation(): string | undefined {
  if (!armed) return undefined;
  try {
    const { actor, requestId } = context();
    // Whoever signs in is let in by a machine, within a person's request.
    const forPerson = !isMachine(actor) || (actor.kind === "system" && actor.name === "sign-in");
    return forPerson === (armed.of === "requests") ? requestId : undefined;
  } catch {
    return undefined;
  }
}

function isDue(when: CrashPoint["when"]): boolean {
  return !triggered && calls === armed?.at && armed.when === when;
}

function die(id: string): void {
  triggered = true;
  dead.add(id);
}

client.middlewareStack.add(
  (next) => async (args) => {
    const id = invocation();
    if (id === undefined) return next(args);
    if (dead.has(id)) throw new Crash("the process is dead");
    last = id;
    calls += 1;
    const after = isDue("after");
    if (isDue("before")) die(id);
    if (dead.has(id)) throw new Crash("the process died here");
    if (!after) return next(args);
    // A refusal is an answer too: it is not read either.
    await next(args).catch(() => undefined);
    die(id);
    throw new Crash("the process died here");
  },
  { step: "initialize", name: "crashPoints" },
);

/** A world whose line to Stripe breaks when its process dies; both are closed after the file's tests. */
export async function startBreakableWorld(): Promise<World> {
  const world = await startWorld();
  const gate = await startGate(world.stripe.url);
  process.env["STRIPE_API_BASE"] = gate.url;
  afterAll(() => gate.close());
  return world;
}

/** Stripe as seen through a line that can break. */
async function startGate(target: string): Promise<{ url: string; close(): void }> {
  const server: Server = createServer((request, response) => {
    const mine = armed !== undefined && last !== "";
    if (mine && !dead.has(last)) calls += 1;
    const after = mine && isDue("after");
    if (mine && isDue("before")) die(last);
    if (mine && dead.has(last)) return void request.socket.destroy();
    const upstream = forward(`${target}${request.url}`, { method: request.method, headers: request.headers }, (answer) => {
      if (after) {
        die(last);
        answer.resume();
        return void request.socket.destroy();
      }
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    request.pipe(upstream);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
