/**
 * A whole-shop history from one seed: a small shop, its buyers, team, banks and clock, each with a mind of its own, on the real
 * code, through everything that may go wrong. When all have done what they came for, nothing goes wrong any more, everything
 * comes to rest, and then every invariant must hold.
 */
import { violations } from "../../kit/invariants.ts";
import { chanceFrom } from "../../kit/simulation/chance.ts";
import { createSimulation, type Simulation } from "../../kit/simulation/index.ts";
import { bank } from "./actors/bank.ts";
import { buyer } from "./actors/buyer.ts";
import { clock } from "./actors/clock.ts";
import { canceller, team } from "./actors/team.ts";
import { brokenMoments } from "./chronicle.ts";
import { brokenPromises } from "./promises.ts";
import { planFrom, type Plan } from "./plan.ts";
import { banksDecide, reconciled, recovered, rest } from "./rest.ts";
import { openShow, type History } from "./shop.ts";
import { Witness } from "./witness.ts";
import { talliedFrom, type Tally } from "./tally.ts";

export type Told = {
  seed: string;
  violations: string[];
  /** The end of what happened: told when something is violated. */
  trace: string[];
  hash: string;
  tally: Tally;
};

export type TellOptions = {
  /** Changes the plan that the seed made. */
  plan?: (plan: Plan) => Plan;
  /** Puts a deliberate bug below the product. @returns how to take it out */
  sabotage?: (simulation: Simulation) => () => void;
};

const TRACED = 80;
const MAX_TOLD = 12;

export async function tell(seed: string, { plan: changed = (plan) => plan, sabotage }: TellOptions = {}): Promise<Told> {
  const startedAt = performance.now();
  const plan = changed(planFrom(chanceFrom(`plan/${seed}`)));
  const { trouble, paymentStartsPerSecond } = plan;
  const simulation = await createSimulation({
    seed,
    paymentStartsPerSecond,
    lagMs: trouble.lagMs,
    spareSdk: true,
    traced: 50_000,
    faults: { skewMs: trouble.skewMs },
  });
  const witness = new Witness(simulation, trouble.kind !== "calm");
  const undo = [witness.watch(), sabotage?.(simulation) ?? (() => {})];
  const history: History = { simulation, plan, witness, shows: [], placed: [], refused: [], endsAtMs: 0, steps: 0 };
  const found = await simulation
    .run(() => live(history))
    .catch((error: unknown) => [`the history breaks off: ${error instanceof Error ? error.message.split("\n")[0] : String(error)}`])
    .finally(() => undo.toReversed().forEach((end) => end()));
  const trace = found.length > 0 ? aboutThese(found, simulation.trace.last()).slice(-TRACED) : [];
  return {
    seed,
    violations: found.slice(0, MAX_TOLD),
    trace,
    hash: simulation.trace.hash(),
    tally: talliedFrom(history, { startedAt }),
  };
}

/** What a reconciliation leaves wrong of what no webhook told: nothing but questions of banks, which move no money. */
async function unrepaired({ simulation }: History): Promise<string[]> {
  return (await violations(simulation.world)).filter((what) => !/^dispute \S+ is warning_/.test(what)).map((what) => `after the reconciliation: ${what}`);
}

const IDS = /(?:ord|evt|tt|cap|rf|dsp|rec|pi|re|du|bus)_[0-9A-Za-z]{10,}/g;
const EVERYWHERE = /^(evt|tt|cap)_/;

/** What of the trace concerns the things that are named in what was found; all of it when none is. */
function aboutThese(found: readonly string[], lines: readonly string[]): string[] {
  const named = found.flatMap((what) => what.match(IDS) ?? []);
  const telling = named.filter((id) => !EVERYWHERE.test(id));
  const ids = new Set(telling.length > 0 ? telling : named);
  return ids.size === 0 ? [...lines] : lines.filter((line) => / -- | !! /.test(line) || [...ids].some((id) => line.includes(id)));
}

async function live(history: History): Promise<string[]> {
  const { simulation, plan } = history;
  for (const planned of plan.events) history.shows.push(await openShow(history, planned));
  await simulation.settle();
  history.endsAtMs = simulation.now() + plan.lengthMs;
  simulation.suffer(plan.trouble.faults);
  const many = (count: number, actor: (history: History, n: number) => Promise<void>) => Array.from({ length: count }, (_, n) => actor(history, n));
  await Promise.all([
    ...many(plan.buyers, buyer),
    ...many(plan.team, team),
    ...many(plan.bank, bank),
    ...many(plan.cancels ? 1 : 0, canceller),
    clock(history),
  ]);
  simulation.quiet();
  simulation.deliveries.redrive();
  await banksDecide(history);
  return ended(history);
}

async function ended(history: History): Promise<string[]> {
  const { simulation, witness } = history;
  const lost = simulation.lostWebhooks.size > 0;
  const restless = await rest(history);
  const money = await reconciled(history, { mayRepair: lost });
  const rescued = lost ? [...(await unrepaired(history)), ...(await recovered(history)), ...(await reconciled(history, { mayRepair: false }))] : [];
  return [
    ...witness.unexplained.map((what) => `unexplained: ${what}`),
    ...restless,
    ...money,
    ...rescued,
    ...brokenMoments(history),
    ...(await violations(simulation.world)),
    ...(await brokenPromises(history)),
  ];
}
