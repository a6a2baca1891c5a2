import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import * as Message from "@fashionistas/core/message";
import { beforeAll, describe, expect, it } from "vitest";
import { SECONDS, present, travel } from "../kit/clock.ts";
import { closeBooks } from "../kit/reconcile.ts";
import { openShop, type Shop } from "../kit/shop.ts";
import { startWorld, type World } from "../kit/world.ts";

let world: World;
closeBooks(() => world);
let shop: Shop;
let typeId: string;
beforeAll(async () => {
  world = await startWorld();
  shop = await openShop(world);
  const { type } = await shop.onSale({ kind: "free", basePrice: { amount: 0, currency: "EUR" }, quantityTotal: 100 });
  typeId = type.id;
});

const buyer = (phone: string) => ({ name: "Anna\tRossi\n", email: "anna@example.com", phone });
const keyOf = (orderId: string) => `order:${orderId}:confirmation`;
const sentFor = async (orderId: string) => (await world.wati.messages()).filter(({ localMessageId }) => localMessageId.includes(orderId));

describe("the confirmation on WhatsApp", () => {
  it("goes to the number of that order, in the words of the template", async () => {
    const { order } = await shop.buy(typeId, { quantity: 2, buyer: buyer("+39 (333) 123-4567"), whatsappOptIn: true });
    await world.settle();
    const [message] = await sentFor(order.id);
    expect(message).toMatchObject({
      phone: "393331234567",
      template: "ticket_confirmation_v1",
      params: { name: "Anna Rossi", quantity: "2", order_ref: order.id },
    });
    expect(message!.params["starts_at"]).toMatch(/\(Europe\/Rome\)$/);
  });

  it("is not sent to somebody who did not opt in, whatever number they gave", async () => {
    const { order } = await shop.buy(typeId, { buyer: buyer("+39 333 1234567") });
    await world.settle();
    expect(await sentFor(order.id)).toEqual([]);
    expect(await Message.find(keyOf(order.id))).toBeUndefined();
  });

  it("moves only forward, in whatever order and however often its news arrive", async () => {
    const { order } = await shop.buy(typeId, { buyer: buyer("+39 333 1234567"), whatsappOptIn: true });
    await world.settle();
    const [message] = await sentFor(order.id);
    await world.wati.advance(message!.localMessageId, "read");
    await world.settle();
    expect((await Message.find(keyOf(order.id)))?.status).toBe("read");
    await world.wati.redeliver(message!.localMessageId);
    await world.settle();
    expect((await Message.find(keyOf(order.id)))?.status).toBe("read");
  });

  it("is noted as failed with the vendor's code when the number is not on WhatsApp, and is not sent again", async () => {
    const { order } = await shop.buy(typeId, { buyer: buyer("+39 333 1230000"), whatsappOptIn: true });
    await world.settle();
    expect(await Message.find(keyOf(order.id))).toMatchObject({ status: "failed", failure: "131026" });
    expect(await sentFor(order.id)).toHaveLength(1);
  });

  it("waits for WATI's word when its answer was lost, and is sent again only when none comes", async () => {
    const base = process.env["WATI_API_BASE"]!;
    // Takes the message and dies before it answers.
    let taken = 0;
    const deaf = createServer((request) => {
      taken += 1;
      request.socket.destroy();
    }).listen(0, "127.0.0.1");
    await new Promise((resolve) => deaf.once("listening", resolve));
    process.env["WATI_API_BASE"] = `http://127.0.0.1:${(deaf.address() as AddressInfo).port}`;
    const { order } = await shop.buy(typeId, { buyer: buyer("+39 333 1234567"), whatsappOptIn: true });
    await world.settle();
    await world.settle();
    expect(taken).toBe(1);
    expect((await Message.find(keyOf(order.id)))?.status).toBe("sending");

    process.env["WATI_API_BASE"] = base;
    await world.settle();
    expect(await sentFor(order.id)).toEqual([]);
    travel(16 * SECONDS);
    await world.settle();
    expect(await sentFor(order.id)).toHaveLength(1);
    present();
    deaf.close();
  });
});
