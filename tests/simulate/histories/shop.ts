/** The shop of a history, and what everybody in it knows. */
import type { Actor } from "@fashionistas/core/actor";
import { VisibleError } from "@fashionistas/core/error";
import * as Event from "@fashionistas/core/event";
import * as TicketType from "@fashionistas/core/ticket-type";
import { eventDocument, typeDocument } from "../../kit/documents.ts";
import { Crash, type Chance, type Simulation } from "../../kit/simulation/index.ts";
import { admin, organizer } from "../../kit/simulation/shop.ts";
import type { Plan, PlannedEvent } from "./plan.ts";
import type { Witness } from "./witness.ts";

export type Offered = { typeId: string; kind: string; document: Record<string, unknown> };
export type Show = { eventId: string; document: Record<string, unknown>; types: Offered[] };
/** An order as whoever placed it knows it. */
export type Placed = { orderId: string; token: string; show: Show; intentId?: string; paid: boolean };

/** An order that was refused for want of seats: when it was asked for and answered, and how many of each type. */
export type Refused = { atMs: number; answeredMs: number; code: string; lines: readonly { ticketTypeId: string; quantity: number }[] };

export type History = {
  simulation: Simulation;
  plan: Plan;
  shows: Show[];
  placed: Placed[];
  refused: Refused[];
  witness: Witness;
  /** When the last of them has come. */
  endsAtMs: number;
  /** Things that somebody did. */
  steps: number;
};

const DAY_MS = 86_400_000;

/** Everything on sale, before anything goes wrong. */
export async function openShow({ simulation }: Pick<History, "simulation">, planned: PlannedEvent): Promise<Show> {
  const asOrganizer = <T>(verb: () => Promise<T>) => simulation.as(organizer, verb);
  const startsAtMs = simulation.now() + 30 * DAY_MS;
  const times = { startsAt: new Date(startsAtMs).toISOString(), endsAt: new Date(startsAtMs + DAY_MS / 12).toISOString() };
  const document = eventDocument({ ...times, ...planned.document });
  const { id: eventId } = await asOrganizer(() => Event.create(document as never));
  const types: Offered[] = [];
  for (const { document: change } of planned.types) {
    const type = await asOrganizer(() => TicketType.create(typeDocument(eventId, change) as never));
    types.push({ typeId: type.id, kind: type.kind, document: change });
  }
  if (planned.shared) {
    const { seats, types: many } = planned.shared;
    const ticketTypeIds = types.slice(0, many).map(({ typeId }) => typeId);
    await asOrganizer(() => Event.replaceCapacities({ eventId: eventId as never, capacities: [{ name: "Balcony", seats, ticketTypeIds }] }));
  }
  await asOrganizer(() => Event.changeStatus({ eventId, status: "review" }));
  await simulation.as(admin, () => Event.changeStatus({ eventId, status: "published" }));
  return { eventId, document, types };
}

/** Somebody does something. A refusal is an answer; so is the death of the process that was asked. @returns undefined then */
export async function does<T>(history: History, what: string, work: () => Promise<T>): Promise<T | undefined> {
  const { simulation, witness } = history;
  history.steps += 1;
  simulation.trace.add(simulation.now() - witness.beganMs, `-- ${what}`);
  try {
    return await work();
  } catch (error) {
    simulation.trace.add(simulation.now() - witness.beganMs, `-- ${what}: ${String((error as { code?: string }).code ?? (error as Error).name)}`);
    if (error instanceof VisibleError || error instanceof Crash || (error as Error).name === "StripeFailure") return undefined;
    witness.blame(what, error);
    return undefined;
  }
}

/** Does as somebody who signed in. */
export function doesAs<T>(history: History, actor: Actor, what: string, verb: () => Promise<T>): Promise<T | undefined> {
  return does(history, `${actor.kind} ${what}`, () => history.simulation.as(actor, verb));
}

/** Waits until a moment of the history that chance decides. */
export async function arrives({ simulation, endsAtMs }: History, chance: Chance): Promise<void> {
  await simulation.sleep(chance.next() * Math.max(0, endsAtMs - simulation.now()));
}
