import { setTimeout as sleep } from "node:timers/promises";
import { load } from "./purchases.ts";
import { familyOf, residentMb } from "./proc.ts";
import { atMost, sized, type Section } from "./report.ts";
import { openShop } from "./shop.ts";
import { withStack } from "./stack.ts";

const SAMPLE_MS = 250;

/** Resident memory of everything `pnpm dev` started (node, engine, the shell between them): idle with demo data, and the most under load. */
export const memory: Section = async (bench) => {
  await withStack({ demo: true }, async (stack) => {
    const resident = () => residentMb(familyOf(stack.pid));
    const idleS = sized(bench, 5, 5, 1);
    bench.say(`idle for ${idleS} s`);
    await sleep(idleS * 1_000);
    bench.figure("resident, idle with demo data", resident(), "MB", atMost(400));
    let most = 0;
    const sampling = setInterval(() => (most = Math.max(most, resident())), SAMPLE_MS);
    const shop = await openShop(stack.baseUrl);
    await load(bench, stack, shop, { buyers: 16, warmUpS: 0, seconds: sized(bench, 15, 3, 1) });
    shop.close();
    clearInterval(sampling);
    bench.figure("resident, most under load", most, "MB");
  });
};
