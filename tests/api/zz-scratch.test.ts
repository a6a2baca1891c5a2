import { beforeAll, it } from "vitest";
import * as z from "zod";
import { openShop, eventDocument, typeDocument, type Shop } from "../kit/shop.ts";
import { startWorld, type World } from "../kit/world.ts";
let world: World; let shop: Shop;
beforeAll(async () => { world = await startWorld(); shop = await openShop(world); });
it("probes", async () => {
  const token = shop.organizer;
  const r = async (t: string) => { const a = await world.request<any>("POST", "/events", { token, body: JSON.stringify(eventDocument()).replace("Atelier", t) }); return [a.status, a.body.title ?? a.body]; };
  console.log(await r("\\ud800A"), await r("\\u0000A"), await r("\\ufffe\\uffff"));
  const { body } = await world.request<any>("GET", "/openapi.json");
  console.log(JSON.stringify(body.components.schemas.Checkout), JSON.stringify(body.paths["/tickets/{id}/purchase"].post, null, 1).slice(0, 3000));
  console.log(typeof (z as any).fromJSONSchema, Object.keys(body.components.schemas));
  console.log(JSON.stringify(body.components.schemas.EventDocument, null, 1));
  console.log(JSON.stringify(body.paths["/tickets"].get, null, 1).slice(0, 3000));
});
