import http from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import type { FakeStore } from "@fashionistas/integrations/fake-store";
import { startWatiFake, type WatiFake, type WatiFakeOptions } from "@fashionistas/integrations/wati/fake";

const TOKEN = "wati-token";
const TENANT = "tenant-7";
const PHONE = "420777123456";
const NOT_ON_WHATSAPP = "420777120000";
const NAMES = ["name", "event", "starts_at", "venue", "quantity", "order_ref"];
const PARAMS = NAMES.map((name) => ({ name, value: `the ${name}` }));

type Rows = Map<string, Map<string, string>>;

/** As strict as the engine: at most 25 distinct rows in one write. */
function memoryStore(rows: Rows = new Map()): FakeStore & { rows: Rows } {
  const of = (collection: string) => rows.get(collection) ?? rows.set(collection, new Map()).get(collection)!;
  const store: FakeStore & { rows: Rows } = {
    rows,
    async get<T>(collection: string, id: string) {
      const text = of(collection).get(id);
      return text === undefined ? undefined : (JSON.parse(text) as T);
    },
    put: (collection, id, value) => store.putAll([{ collection, id, value }]),
    async putAll(entries) {
      if (entries.length > 25) throw new Error("more than 25 entries");
      if (new Set(entries.map(({ collection, id }) => `${collection}/${id}`)).size < entries.length) throw new Error("one row twice");
      for (const { collection, id, value } of entries) of(collection).set(id, JSON.stringify(value));
    },
    async remove(collection, id) {
      of(collection).delete(id);
    },
    async list<T>(collection: string) {
      return [...of(collection)].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([id, text]) => ({ id, value: JSON.parse(text) as T }));
    },
  };
  return store;
}

type Webhook = Record<string, unknown> & { eventType: string; localMessageId: string };
type Receiver = {
  url: string;
  got: Webhook[];
  headers: http.IncomingHttpHeaders[];
  types(): string[];
  answer: (call: number) => number;
};

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

async function receiver(): Promise<Receiver> {
  const got: Webhook[] = [];
  const headers: http.IncomingHttpHeaders[] = [];
  const self: Receiver = {
    url: "",
    got,
    headers,
    types: () => got.map(({ eventType }) => eventType),
    answer: () => 200,
  };
  const server = http.createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (chunk: string) => (body += chunk));
    request.on("end", () => {
      got.push(JSON.parse(body) as Webhook);
      headers.push(request.headers);
      response.writeHead(self.answer(got.length - 1)).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  self.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/wati`;
  closers.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return self;
}

async function start(options: Partial<WatiFakeOptions> = {}) {
  const hook = await receiver();
  const store = options.store ?? memoryStore();
  const fake = await startWatiFake({
    accessToken: TOKEN,
    tenantId: TENANT,
    webhookUrl: () => hook.url,
    ...options,
    store,
  });
  closers.push(() => fake.close());
  return { fake, hook, store };
}

type Answer = { status: number; body: Record<string, unknown> };

async function call(fake: WatiFake, path: string, body?: unknown, headers: Record<string, string> = {}, method = "POST"): Promise<Answer> {
  const response = await fetch(fake.url + path, {
    method,
    headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json", ...headers },
    ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    body: text === "" ? {} : (JSON.parse(text) as Record<string, unknown>),
  };
}

const SEND = "/api/ext/v3/messageTemplates/send";
const message = (recipients: unknown[], more: object = {}) => ({
  channel: null,
  template_name: "ticket_confirmation_v1",
  broadcast_name: "ticket_confirmation",
  recipients,
  ...more,
});
const to = (phone: string, localMessageId?: string, params: unknown = PARAMS) => ({
  phone_number: phone,
  ...(localMessageId !== undefined && { local_message_id: localMessageId }),
  custom_params: params,
});

describe("v3 send", () => {
  it("accepts a message, keeps it with its template and parameters, and echoes the local id", async () => {
    const { fake } = await start();
    const { status, body } = await call(fake, SEND, message([to(PHONE, "order-1-confirmation")]));
    expect(status).toBe(200);
    expect(body).toMatchObject({
      success: true,
      error: null,
      broadcast_id: expect.any(String),
      recipients: [{ phone_number: PHONE, local_message_id: "order-1-confirmation", errors: [] }],
    });
    await fake.idle();
    expect(await fake.messages()).toMatchObject([
      {
        phone: PHONE,
        localMessageId: "order-1-confirmation",
        template: "ticket_confirmation_v1",
        params: { name: "the name", order_ref: "the order_ref" },
        status: "delivered",
        sentAt: expect.stringMatching(/^\d{4}-.*Z$/),
      },
    ]);
  });

  it("makes a local id when none is given, and takes target instead of phone_number", async () => {
    const { fake } = await start();
    const { body } = await call(fake, SEND, message([{ target: PHONE, custom_params: PARAMS }]));
    expect(body["recipients"]).toMatchObject([{ phone_number: PHONE, local_message_id: expect.any(String), errors: [] }]);
  });

  it("sends twice when the same local id is sent twice", async () => {
    const { fake } = await start();
    await call(fake, SEND, message([to(PHONE, "same")]));
    await call(fake, SEND, message([to(PHONE, "same")]));
    expect((await fake.messages()).map(({ localMessageId }) => localMessageId)).toEqual(["same", "same"]);
  });

  it("keeps the order of what was sent, over more recipients than one write holds", async () => {
    const { fake, hook } = await start();
    const ids = Array.from({ length: 60 }, (_, index) => `m${index}`);
    await call(fake, SEND, message(ids.map((id) => to(PHONE, id))));
    expect((await fake.messages()).map(({ localMessageId }) => localMessageId)).toEqual(ids);
    await fake.idle();
    expect(hook.got).toHaveLength(120);
  });

  it.each([
    ["no token", { authorization: "" }],
    ["a wrong token", { authorization: "Bearer other-token" }],
    ["the token without Bearer", { authorization: TOKEN }],
  ])("refuses %s with 401 and no JSON body", async (_, headers) => {
    const { fake } = await start();
    expect(await call(fake, SEND, message([to(PHONE)]), headers)).toEqual({
      status: 401,
      body: {},
    });
  });

  it("does not know a v3 path with the tenant id in it, nor a GET on it", async () => {
    const { fake } = await start();
    expect((await call(fake, `/${TENANT}${SEND}`, message([to(PHONE)]))).status).toBe(404);
    expect((await call(fake, SEND, undefined, {}, "GET")).status).toBe(405);
  });

  it.each([
    ["no recipients", message([])],
    ["recipients missing", { template_name: "ticket_confirmation_v1", broadcast_name: "b" }],
    ["10,001 recipients", message(Array.from({ length: 10_001 }, () => to(PHONE)))],
    ["a recipient without phone_number and target", message([to(PHONE), { custom_params: PARAMS }])],
    ["no template_name", message([to(PHONE)], { template_name: "" })],
    ["no broadcast_name", message([to(PHONE)], { broadcast_name: undefined })],
    [
      "the flat body of the help centre",
      {
        target: PHONE,
        template_name: "ticket_confirmation_v1",
        broadcast_name: "b",
        parameters: PARAMS,
      },
    ],
    ["a body that is not JSON", "{"],
  ])("refuses %s with 400 and code, message, timestamp, sending nothing", async (_, body) => {
    const { fake } = await start();
    const answer = await call(fake, SEND, body);
    expect(answer).toEqual({
      status: 400,
      body: { code: 400, message: expect.any(String), timestamp: expect.any(String) },
    });
    expect(await fake.messages()).toEqual([]);
  });

  it("answers 200 with success false for a template that does not exist", async () => {
    const { fake } = await start();
    const answer = await call(fake, SEND, message([to(PHONE)], { template_name: "none" }));
    expect(answer).toMatchObject({
      status: 200,
      body: { success: false, error: "Template not found" },
    });
  });

  it.each(["+420777123456", "420 777 123 456", "0777123456", "12345", "1234567890123456", "507f1f77bcf86cd799439011"])(
    "reports the recipient %s as invalid and sends to the others",
    async (phone) => {
      const { fake } = await start();
      const { body } = await call(fake, SEND, message([to(phone, "bad"), to(PHONE, "good")]));
      expect(body).toMatchObject({
        success: true,
        recipients: [
          { local_message_id: "bad", errors: [expect.any(String)] },
          { local_message_id: "good", errors: [] },
        ],
      });
      expect((await fake.messages()).map(({ localMessageId }) => localMessageId)).toEqual(["good"]);
    },
  );

  it("answers success false when no recipient is valid", async () => {
    const { fake } = await start();
    const { status, body } = await call(fake, SEND, message([to("+1")]));
    expect(status).toBe(200);
    expect(body).toMatchObject({ success: false, error: expect.any(String), broadcast_id: null });
  });

  const changed = (name: string, value: unknown) => PARAMS.map((param) => (param.name === name ? { name, value } : param));
  it.each([
    ["missing", PARAMS.slice(1)],
    ["not of the template", [...PARAMS, { name: "seat", value: "A1" }]],
    ["given twice", [...PARAMS, PARAMS[0]]],
    ["blank", changed("venue", "  ")],
    ["not a string", changed("quantity", 2)],
    ["with a newline", changed("venue", "Hall\n1")],
    ["with a tab", changed("venue", "Hall\t1")],
    ["with four spaces", changed("venue", "Hall    1")],
    ["absent altogether", undefined],
  ])("reports a parameter that is %s", async (_, params) => {
    const { fake } = await start();
    const { body } = await call(fake, SEND, message([{ phone_number: PHONE, custom_params: params }]));
    expect(body).toMatchObject({
      success: false,
      recipients: [{ errors: expect.arrayContaining([expect.any(String)]) }],
    });
    expect(await fake.messages()).toEqual([]);
  });

  it("takes parameters in any order and other templates when told", async () => {
    const { fake } = await start({ templates: [{ name: "short", params: ["a", "b"] }] });
    const params = [
      { name: "b", value: "2" },
      { name: "a", value: "1" },
    ];
    expect((await call(fake, SEND, message([to(PHONE, "x", params)], { template_name: "short" }))).body).toMatchObject({ success: true });
    expect((await call(fake, SEND, message([to(PHONE)]))).body).toMatchObject({ success: false });
  });

  it("limits sends only when asked to", async () => {
    const { fake } = await start({ enforceRateLimits: true });
    const statuses = await Promise.all(Array.from({ length: 60 }, async () => (await call(fake, SEND, message([to(PHONE)]))).status));
    expect(new Set(statuses)).toEqual(new Set([200, 429]));
    const lax = await start();
    expect(new Set(await Promise.all(Array.from({ length: 60 }, async () => (await call(lax.fake, SEND, message([to(PHONE)]))).status)))).toEqual(
      new Set([200]),
    );
  });
});

describe("v2 and v1 single send", () => {
  const single = (fake: WatiFake, version: string, query: string, more: object = {}) =>
    call(fake, `/${TENANT}/api/${version}/sendTemplateMessage${query}`, {
      template_name: "ticket_confirmation_v1",
      broadcast_name: "b",
      parameters: PARAMS,
      ...more,
    });

  it("v2 answers result, receivers and a local id that the webhooks repeat", async () => {
    const { fake, hook } = await start();
    const { status, body } = await single(fake, "v2", `?whatsappNumber=${PHONE}`);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      result: true,
      error: null,
      templateName: "ticket_confirmation_v1",
      receivers: [{ waId: PHONE, isValidWhatsAppNumber: true, errors: [] }],
    });
    const [first] = body["receivers"] as [{ localMessageId: string }];
    await fake.idle();
    expect(hook.got[0]?.localMessageId).toBe(first.localMessageId);
  });

  it("v1 answers without a local id", async () => {
    const { fake } = await start();
    const { body } = await single(fake, "v1", `?whatsappNumber=${PHONE}`);
    expect(body).toMatchObject({
      result: true,
      phone_number: PHONE,
      validWhatsAppNumber: true,
      model: { ids: [expect.any(String)] },
    });
    expect(JSON.stringify(body)).not.toContain("localMessageId");
  });

  it.each([
    ["no number", "", {}],
    ["an unknown template", `?whatsappNumber=${PHONE}`, { template_name: "none" }],
    ["no broadcast name", `?whatsappNumber=${PHONE}`, { broadcast_name: "" }],
    ["missing parameters", `?whatsappNumber=${PHONE}`, { parameters: [] }],
    ["parameters out of body order", `?whatsappNumber=${PHONE}`, { parameters: PARAMS.toReversed() }],
    ["a number that is not on WhatsApp", `?whatsappNumber=${NOT_ON_WHATSAPP}`, {}],
  ])("answers 200 with result false for %s, sending nothing", async (_, query, more) => {
    const { fake } = await start();
    for (const version of ["v1", "v2"])
      expect(await single(fake, version, query, more)).toMatchObject({
        status: 200,
        body: { result: false },
      });
    expect(await fake.messages()).toEqual([]);
  });

  it("needs the right tenant in the path", async () => {
    const { fake } = await start();
    const body = {
      template_name: "ticket_confirmation_v1",
      broadcast_name: "b",
      parameters: PARAMS,
    };
    expect((await call(fake, `/other/api/v2/sendTemplateMessage?whatsappNumber=${PHONE}`, body)).status).toBe(404);
    expect((await call(fake, `/api/v2/sendTemplateMessage?whatsappNumber=${PHONE}`, body)).status).toBe(404);
  });
});

describe("templates", () => {
  it("lists approved templates; only the body tells the order of their parameters", async () => {
    const { fake } = await start();
    const { status, body } = await call(fake, "/api/ext/v3/messageTemplates?page_number=1&page_size=10", undefined, {}, "GET");
    expect(status).toBe(200);
    const [template] = body["templates"] as [
      {
        elementName: string;
        status: string;
        bodyOriginal: string;
        customParams: { paramName: string }[];
      },
    ];
    expect(template).toMatchObject({ elementName: "ticket_confirmation_v1", status: "APPROVED" });
    expect([...template.bodyOriginal.matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1])).toEqual(NAMES);
    expect(template.customParams.map(({ paramName }) => paramName).toSorted()).toEqual([...NAMES].toSorted());
  });
});

const send = (fake: WatiFake, localMessageId = "m1", phone = PHONE) => call(fake, SEND, message([to(phone, localMessageId)]));

describe("webhooks", () => {
  it("tells sent, then delivered, unsigned, in WATI's field shapes", async () => {
    const { fake, hook } = await start();
    await send(fake);
    await fake.idle();
    expect(hook.types()).toEqual(["templateMessageSent_v2", "sentMessageDELIVERED_v2"]);
    const [sent, delivered] = hook.got;
    expect(sent).toMatchObject({
      localMessageId: "m1",
      id: expect.stringMatching(/^[0-9a-f]{24}$/),
      whatsappMessageId: expect.stringMatching(/^wamid\./),
      templateName: "ticket_confirmation_v1",
      created: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z$/),
      waId: PHONE,
      type: "template",
      statusString: "SENT",
      sourceType: "API",
      text: expect.stringContaining("the venue"),
    });
    expect(delivered).toMatchObject({
      localMessageId: "m1",
      id: sent?.["id"],
      statusString: "Delivered",
      timestamp: expect.stringMatching(/^\d{10}$/),
      text: null,
      type: "template",
      assigneeId: null,
      channelId: null,
    });
    expect(delivered).not.toHaveProperty("waId");
    expect(Object.keys(hook.headers[0] ?? {}).filter((name) => /sign|wati|auth/.test(name))).toEqual([]);
  });

  it("stays at sent without autoDeliver, and moves on by hand, only forward", async () => {
    const { fake, hook } = await start({ autoDeliver: false });
    await send(fake);
    await fake.idle();
    for (const status of ["delivered", "read", "replied"] as const) {
      await fake.advance("m1", status);
      await fake.idle();
    }
    expect(hook.types()).toEqual(["templateMessageSent_v2", "sentMessageDELIVERED_v2", "sentMessageREAD_v2", "sentMessageREPLIED_v2"]);
    expect((await fake.messages())[0]?.status).toBe("replied");
    await expect(fake.advance("m1", "delivered")).rejects.toThrow("cannot become");
    await expect(fake.advance("m1", "failed")).rejects.toThrow("cannot become");
    await expect(fake.advance("none", "read")).rejects.toThrow("No message");
  });

  it("may fail after it was sent", async () => {
    const { fake, hook } = await start({ autoDeliver: false });
    await send(fake);
    await fake.idle();
    await fake.advance("m1", "failed", "131049");
    await fake.idle();
    expect(hook.got[1]).toMatchObject({
      eventType: "templateMessageFailed",
      localMessageId: "m1",
      failedCode: "131049",
      statusString: "Failed",
      text: null,
    });
  });

  it("fails a number that is not on WhatsApp with 131026, and never tells it sent", async () => {
    const { fake, hook } = await start();
    expect((await send(fake, "m1", NOT_ON_WHATSAPP)).body).toMatchObject({ success: true });
    await fake.idle();
    expect(hook.got).toMatchObject([
      {
        eventType: "templateMessageFailed",
        localMessageId: "m1",
        failedCode: "131026",
        failedDetail: "Message undeliverable",
      },
    ]);
    expect((await fake.messages())[0]).toMatchObject({ status: "failed", failedCode: "131026" });
  });

  it("brings a person's message", async () => {
    const { fake, hook } = await start();
    const id = await fake.inbound(PHONE, "STOP");
    await fake.idle();
    expect(hook.got).toMatchObject([
      {
        eventType: "message",
        id,
        waId: PHONE,
        text: "STOP",
        type: "text",
        owner: false,
        statusString: "SENT",
        timestamp: expect.stringMatching(/^\d{10}$/),
      },
    ]);
    await fake.redeliver(id);
    await fake.idle();
    expect(hook.got[1]).toEqual(hook.got[0]);
  });

  it("takes only 200 for success and retries everything else", async () => {
    const { fake, hook } = await start({ autoDeliver: false });
    const statuses = [500, 204, 302, 200];
    hook.answer = (index) => statuses[index] ?? 200;
    await send(fake);
    for (const count of [1, 2, 3, 4]) {
      await fake.idle();
      expect(hook.got).toHaveLength(count);
      fake.resumeWebhooks();
    }
    await fake.idle();
    expect(hook.got).toHaveLength(4);
  });

  it("retries by itself", async () => {
    const { fake, hook } = await start({ autoDeliver: false });
    hook.answer = (index) => (index === 0 ? 503 : 200);
    await send(fake);
    await expect.poll(() => hook.got.length, { timeout: 5_000 }).toBe(2);
  });

  it("repeats webhooks exactly on redeliver", async () => {
    const { fake, hook } = await start();
    await send(fake);
    await fake.idle();
    await fake.redeliver("m1", "sentMessageDELIVERED_v2");
    await fake.idle();
    expect(hook.got[2]).toEqual(hook.got[1]);
    await fake.redeliver("m1");
    await fake.idle();
    expect(hook.got).toHaveLength(5);
    await expect(fake.redeliver("none")).rejects.toThrow("No message");
  });

  it("delivers after a restart what was unsent, in order, and nothing twice that was accepted", async () => {
    const { fake, hook, store } = await start();
    hook.answer = () => 500;
    await send(fake);
    await fake.idle();
    await fake.close();
    const reborn = await start({ store });
    await reborn.fake.idle();
    expect(reborn.hook.types()).toEqual(["templateMessageSent_v2", "sentMessageDELIVERED_v2"]);
    expect((await reborn.fake.messages())[0]?.status).toBe("delivered");
    await reborn.fake.close();
    const third = await start({ store });
    await third.fake.idle();
    expect(third.hook.got).toEqual([]);
  });

  it("holds back while paused", async () => {
    const { fake, hook } = await start();
    fake.pauseWebhooks();
    await send(fake);
    await fake.idle();
    expect(hook.got).toEqual([]);
    fake.resumeWebhooks();
    await fake.idle();
    expect(hook.got).toHaveLength(2);
  });
});
