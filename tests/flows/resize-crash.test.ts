import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { crashAt, disarm } from "../kit/faults.ts";
import { violations } from "../kit/invariants.ts";
import { eventDocument, openShop, type Shop } from "../kit/shop.ts";
import { closeBooks } from "../kit/reconcile.ts";
import { startWorld, type World } from "../kit/world.ts";

/** The process of an organizer's change of a room, or of a part of it, dies at every call to the table there is. */

const LONGEST_CHANGE = 40;
const SEATS = 24;
const HELD = 3;

let world: World;
closeBooks(() => world);
let shop: Shop;
beforeAll(async () => {
  world = await startWorld();
  shop = await openShop(world);
});
afterEach(() => void disarm());

type Answer = { status: number; body: any };
type Subject = { resize(seats: number): Promise<Answer>; seats(): Promise<number>; typeId: string };

async function aRoom(): Promise<Subject> {
  const { event, type } = await shop.onSale({ quantityTotal: 60 }, { capacity: SEATS });
  return {
    typeId: type.id,
    resize: (capacity) => world.request("PUT", `/events/${event.id}`, { token: shop.organizer, body: eventDocument({ capacity }) }),
    seats: async () => (await world.request<any>("GET", `/events/${event.id}`)).body.capacity,
  };
}

async function aBalcony(): Promise<Subject> {
  const draft = await shop.createEvent();
  const type = await shop.createType(draft.id, { quantityTotal: 60 });
  const path = `/events/${draft.id}/capacities`;
  const show = async () => (await world.request<any>("GET", path, { token: shop.organizer })).body.capacities;
  const put = (capacity: object) => world.request<any>("PUT", path, { token: shop.organizer, body: { capacities: [capacity] } });
  await put({ name: "Balcony", seats: SEATS, ticketTypeIds: [type.id] });
  await shop.publish(draft.id);
  const [{ id, name, ticketTypeIds }] = await show();
  return {
    typeId: type.id,
    resize: (seats) => put({ id, name, ticketTypeIds, seats }),
    seats: async () => (await show())[0].seats,
  };
}

const subjects = [
  ["a room", aRoom],
  ["a balcony", aBalcony],
] as const;

describe.each(subjects)("%s", (_, make) => {
  it.each([
    ["grows", 40],
    ["shrinks", 12],
  ])("that %s and dies on the way is whole after the next sweep, as it was or as it was to be", { timeout: 60_000 }, async (_how, wanted) => {
    const { resize, seats, typeId } = await make();
    await shop.buy(typeId, { quantity: HELD });
    for (const when of ["before", "after"] as const) {
      for (let at = 1; ; at++) {
        crashAt({ at, when, of: "requests" });
        const answer = await resize(wanted);
        const crashed = disarm();
        await world.runSchedule("sweep-pools");
        const now = await seats();
        expect(crashed ? [SEATS, wanted] : [wanted], `${at} ${when}: ${answer.status}`).toContain(now);
        expect(await shop.available(typeId), `${at} ${when}`).toBe(now - HELD);
        expect((await resize(SEATS)).status).toBe(200);
        if (!crashed) break;
        expect(at, "calls of one change").toBeLessThan(LONGEST_CHANGE);
      }
    }
    await world.settle();
    expect(await violations(world)).toEqual([]);
  });
});
