/**
 * What a history begins with, drawn from its seed: a small shop, who comes, and how much goes wrong. Small, so that its stock
 * runs out, its rooms bind and its people meet each other.
 */
import type { Chance, Faults } from "../../kit/simulation/index.ts";

export type PlannedType = { highDemand: boolean; document: Record<string, unknown> };
export type PlannedEvent = {
  document: Record<string, unknown>;
  types: PlannedType[];
  /** Seats that the first so many types share. */
  shared?: { seats: number; types: number };
};
export type Trouble = {
  kind: "calm" | "rough" | "terrible";
  faults: Omit<Faults, "skewMs">;
  skewMs: number;
  lagMs: { reads: number; indexes: number };
};
export type Plan = {
  events: PlannedEvent[];
  /** How often each of these acts. */
  buyers: number;
  team: number;
  bank: number;
  /** Of those who have something to pay: the share who simply pay, and who pay what was cancelled. The others do one of many things. */
  simple: number;
  late: number;
  /** Is an event cancelled? */
  cancels: boolean;
  /** How many different people the buyers are: few, so that limits per person are met. */
  people: number;
  /** For how long they come. */
  lengthMs: number;
  paymentStartsPerSecond: number;
  /** How long passes between two moments at which schedules run. */
  ticksMs: number;
  trouble: Trouble;
};

const MINUTE_MS = 60_000;
const CURRENCY = "EUR";
const POLICY = [
  { daysBefore: 7, percent: 100 },
  { daysBefore: 1, percent: 50 },
];

export function planFrom(chance: Chance): Plan {
  return {
    events: Array.from({ length: chance.pick([1, 1, 1, 2, 3]) }, () => eventFrom(chance)),
    buyers: chance.between(3, 11),
    team: chance.between(0, 5),
    bank: chance.between(0, 4),
    simple: chance.pick([0.1, 0.3, 0.6]),
    late: chance.pick([0, 0.1, 0.3]),
    cancels: chance.is(0.12),
    people: chance.between(2, 8),
    lengthMs: chance.between(10, 60) * MINUTE_MS,
    paymentStartsPerSecond: chance.pick([40, 40, 40, 1]),
    ticksMs: chance.pick([3, 6, 12]) * MINUTE_MS,
    trouble: troubleFrom(chance.of("trouble")),
  };
}

function eventFrom(chance: Chance): PlannedEvent {
  const types = Array.from({ length: chance.pick([1, 1, 2, 2, 3, 4]) }, (_, n) => typeFrom(chance, n));
  const limited = types.map(({ document }) => Number(document["quantityTotal"] ?? 0));
  const stock = limited.reduce((sum, seats) => sum + seats, 0);
  const shared = types.length > 1 && chance.is(0.5) ? { types: chance.between(2, types.length), seats: chance.between(2, Math.max(3, stock)) } : undefined;
  return {
    document: {
      // A room that binds, or one that takes everybody.
      capacity: chance.is(0.4) ? chance.between(3, Math.max(4, stock)) : 400,
      ...(chance.is(0.5) ? { refundPolicy: chance.is(0.9) ? POLICY : [] } : {}),
    },
    types,
    ...(shared ? { shared } : {}),
  };
}

function typeFrom(chance: Chance, n: number): PlannedType {
  const kind = chance.pick(["paid", "paid", "paid", "paid", "free", "donation"]);
  const highDemand = chance.is(0.15);
  const seats = highDemand ? chance.between(65, 140) : chance.pick([1, 2, 3, 5, 8, 12, 20, 40]);
  const maxPerBuyer = chance.is(0.4) ? chance.between(1, 5) : undefined;
  return {
    highDemand,
    document: {
      name: `Type ${n}`,
      kind,
      basePrice: { amount: kind === "free" ? 0 : chance.pick([1_000, 4_500, 9_999]), currency: CURRENCY },
      quantityTotal: !highDemand && chance.is(0.12) ? null : seats,
      maxPerOrder: chance.pick([2, 4, 10, 30]),
      highDemand,
      ...(maxPerBuyer === undefined ? {} : { maxPerBuyer }),
    },
  };
}

/** A third of the histories is calm: what goes wrong in one of those, nobody else can be blamed for. */
function troubleFrom(chance: Chance): Trouble {
  const kind = chance.pick(["calm", "rough", "rough", "terrible", "calm", "rough"] as const);
  const worst = { calm: 0, rough: 1, terrible: 4 }[kind];
  const rate = (most: number) => (chance.is(0.6) ? chance.next() * most * worst : 0);
  return {
    kind,
    faults: {
      table: { throttle: rate(0.003), conflict: rate(0.015), ambiguous: rate(0.01) },
      stripe: { ambiguous: rate(0.02), broken: rate(0.02), twice: rate(0.2), lost: chance.is(0.3) ? rate(0.1) : 0, lateMs: lateness(chance, kind) },
      deliveries: { twice: rate(0.15), partial: rate(0.15), lateMs: chance.pick([100, 2_000, 30_000]) },
      crash: rate(0.006),
    },
    skewMs: kind === "calm" || chance.is(0.4) ? 0 : 15_000,
    lagMs: kind === "calm" ? { reads: 20, indexes: 100 } : { reads: 1_000, indexes: 3_000 },
  };
}

function lateness(chance: Chance, kind: Trouble["kind"]): number {
  return kind === "calm" ? 500 : chance.pick([500, 5_000, 60_000, 20 * MINUTE_MS]);
}
