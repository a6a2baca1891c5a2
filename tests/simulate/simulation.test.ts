import { describe, expect, it } from "vitest";
import { violations } from "../kit/invariants.ts";
import { createSimulation, type SimulationOptions } from "../kit/simulation/index.ts";
import { onSale, purchase } from "../kit/simulation/shop.ts";

/** The kit itself: modelled time, history that repeats, processes that die. */
const FAULTS: SimulationOptions["faults"] = {
  table: { throttle: 0.01, conflict: 0.02, ambiguous: 0.02 },
  stripe: { ambiguous: 0.03, broken: 0.03, twice: 0.3, lateMs: 5_000 },
  deliveries: { twice: 0.2, partial: 0.2, lateMs: 2_000 },
  crash: 0.01,
  skewMs: 15_000,
};

/** Twelve buyers want ten seats, some pay, some leave; everything settles; the rest expires. */
async function tell({ faults = {}, ...options }: SimulationOptions) {
  const simulation = await createSimulation(options);
  return simulation.run(async () => {
    const { chance } = simulation;
    const { typeId } = await onSale(simulation, { quantityTotal: 10, maxPerBuyer: 2 });
    simulation.suffer(faults);
    const statuses: number[] = [];
    const buyer = async (n: number) => {
      await simulation.sleep(chance.exponential(400) * n);
      for (let attempt = 1; attempt <= 4; attempt++) {
        const answer = await purchase(simulation, typeId, `buyer-${n}`, { key: `key-${n}` }).catch(() => undefined);
        if (answer && answer.status < 500 && answer.status !== 409) {
          statuses.push(answer.status);
          const { payment } = answer.body;
          if (payment && chance.is(0.7)) await simulation.stripe.pay(payment.paymentIntentId, chance.is(0.8) ? "succeed" : "decline").catch(() => undefined);
          return;
        }
        await simulation.sleep(31_000);
      }
    };
    await Promise.all(Array.from({ length: 12 }, (_, n) => buyer(n)));
    simulation.quiet();
    await simulation.settle();
    for (let minutes = 0; minutes < 60; minutes += 5) {
      await simulation.sleep(5 * 60_000);
      await simulation.schedule("expire-orders");
      await simulation.schedule("republish-pending");
      await simulation.settle();
    }
    await simulation.schedule("sweep-pools");
    return {
      violations: await violations(simulation.world),
      statuses,
      hash: simulation.trace.hash(),
      crashes: simulation.crashes(),
      events: simulation.trace.events,
    };
  });
}

describe("a simulation", () => {
  it("tells the same history twice from one seed, and another from another", { timeout: 60_000 }, async () => {
    const [first, again, other] = [
      await tell({ seed: "1", faults: FAULTS }),
      await tell({ seed: "1", faults: FAULTS }),
      await tell({ seed: "2", faults: FAULTS }),
    ];
    expect(again).toEqual(first);
    expect(other.hash).not.toBe(first.hash);
    expect(first.violations).toEqual([]);
    expect(other.violations).toEqual([]);
  });

  it("sells all and no more without any fault", async () => {
    const { statuses, violations: broken } = await tell({ seed: "3" });
    expect(statuses.filter((status) => status === 201).length).toBe(10);
    expect(broken).toEqual([]);
  });

  it("keeps what must hold through faults of every kind, for any seed", { timeout: 120_000 }, async () => {
    let crashes = 0;
    for (let seed = 100; seed < 110; seed++) {
      const told = await tell({ seed: String(seed), faults: FAULTS, lagMs: { reads: 1_000, indexes: 2_000 } });
      expect(told.violations, `seed ${seed}`).toEqual([]);
      crashes += told.crashes;
    }
    expect(crashes).toBeGreaterThan(5);
  });

  it("ends a story that can not go on, instead of waiting for ever, and names the seed", async () => {
    const simulation = await createSimulation({ seed: "forty-two" });
    await expect(simulation.run(() => new Promise(() => {}))).rejects.toThrow(/nothing is left that could happen[^]*seed forty-two/);
  });

  it("takes no real time for an idle hour", async () => {
    const simulation = await createSimulation({ seed: "idle" });
    const startedAt = performance.now();
    await simulation.run(() => simulation.sleep(3_600_000));
    expect(performance.now() - startedAt).toBeLessThan(1_000);
  });
});
