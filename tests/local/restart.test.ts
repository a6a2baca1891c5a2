import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { get } from "node:http";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Checkout, OrderView } from "@fashionistas/core/order/schema";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

/** The one command as a stranger runs it, and `kill -9` at the worst moments. */
const DEV = fileURLToPath(new URL("../../packages/local/bin/dev.mjs", import.meta.url));

let dataDir: string;
let port: number;
let running: ChildProcess | undefined;
let said: string;
beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), "fashionistas-dev-"));
  port = await freePort();
});
afterAll(async () => {
  await kill();
  rmSync(dataDir, { recursive: true, force: true });
});

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

type Run = { code: number | null; output: string };

function dev(args: readonly string[] = [], env: Record<string, string> = {}): { child: ChildProcess; done: Promise<Run>; ready: Promise<string> } {
  const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => /^(PATH|HOME|TMPDIR)$/.test(name)));
  const child = spawn(process.execPath, [DEV, ...args], { env: { ...own, PORT: String(port), DATA_DIR: dataDir, ...env } });
  let output = "";
  const done = new Promise<Run>((resolve) => child.once("exit", (code) => resolve({ code, output })));
  const ready = new Promise<string>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on("data", (chunk) => {
        output += String(chunk);
        if (output.includes("Tokens of the demo users")) resolve(output);
      });
    }
    void done.then((run) => reject(new Error(run.output)));
  });
  ready.catch(() => undefined);
  return { child, done, ready };
}

async function start(): Promise<string> {
  const { child, ready } = dev();
  running = child;
  return ready;
}

async function kill(): Promise<void> {
  if (!running || running.exitCode !== null || running.signalCode !== null) return;
  const gone = new Promise((resolve) => running?.once("exit", resolve));
  running.kill("SIGKILL");
  await gone;
}

async function api<T>(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<T> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    headers: { "content-type": "application/json", ...headers },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  return (await response.json()) as T;
}

/** What the local page answers under this name of the machine. */
function statusFor(host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    get({ host: "127.0.0.1", port, path: "/_local/", headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    }).on("error", reject);
  });
}

const order = (checkout: Checkout) => api<OrderView>("GET", `/orders/${checkout.order.id}`, undefined, { "order-token": checkout.orderToken });
const messagesOf = async (checkout: Checkout) =>
  (await api<{ items: { localMessageId: string }[] }>("GET", "/_local/messages")).items.filter(({ localMessageId }) =>
    localMessageId.includes(checkout.order.id),
  );

async function buy(): Promise<Checkout> {
  const { items: events } = await api<{ items: { id: string }[] }>("GET", "/events");
  const { items: types } = await api<{ items: { id: string; kind: string; maxPerBuyer: number | null }[] }>("GET", `/tickets?eventId=${events[0]!.id}`);
  const type = types.find(({ kind, maxPerBuyer }) => kind === "paid" && maxPerBuyer === null)!;
  return api<Checkout>("POST", `/tickets/${type.id}/purchase`, {
    quantity: 1,
    buyer: { name: "Anna Rossi", email: "anna@example.com", phone: "+39 333 1234567" },
    whatsappOptIn: true,
  });
}

async function eventually(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 40_000; Date.now() < deadline; await sleep(100)) if (await holds()) return;
  throw new Error(`never: ${what}`);
}

describe("pnpm dev", { timeout: 120_000 }, () => {
  it("starts with demo data and says where everything is", async () => {
    const output = (said = await start());
    expect(output).toContain(`http://127.0.0.1:${port}/_local/`);
    for (const role of ["admin", "organizer", "sponsor", "designer", "model", "attendee"]) expect(output).toMatch(new RegExp(`${role}\\s+eyJ`));
    expect(await api("GET", "/health")).toEqual({ status: "ok" });
    expect((await api<{ items: unknown[] }>("GET", "/events")).items.length).toBeGreaterThanOrEqual(4);
  });

  it("says how its limits differ from a stage's, and lets pages of this machine call it", async () => {
    const { headers } = await fetch(`http://127.0.0.1:${port}/events`, { headers: { origin: "http://localhost:5173" } });
    expect(headers.get("access-control-allow-origin")).toBe("http://localhost:5173");
    const { headers: elsewhere } = await fetch(`http://127.0.0.1:${port}/events`, { headers: { origin: "https://evil.test" } });
    expect(elsewhere.get("access-control-allow-origin")).toBeNull();
    expect(said).toMatch(/limits {5}.*purchase=300\/60.*ten times a stage's/);
  });

  it("hands what people wrote to its page as data, and the page to no frame and no other name of this machine", async () => {
    const { token } = await api<{ token: string }>("POST", "/_local/token", { role: "organizer" });
    const title = `</script><script>alert(1)</script><img src=x onerror=alert(1)>`;
    const { items } = await api<{ items: { startsAt: string; endsAt: string; timeZone: string; venue: object; capacity: number; currency: string }[] }>(
      "GET",
      "/events",
    );
    const { startsAt, endsAt, timeZone, venue, capacity, currency } = items[0]!;
    const event = await api<{ id: string; title: string }>(
      "POST",
      "/events",
      { title, startsAt, endsAt, timeZone, venue, capacity, currency },
      { authorization: `Bearer ${token}` },
    );
    expect(event.title).toBe(title);
    const told = async () => (await fetch(`http://127.0.0.1:${port}/_local/domain-events`)).text();
    await eventually("the page to tell of the event", async () => (await told()).includes(event.id));
    for (const path of ["/_local/", "/_local/page.js", "/_local/page.css", "/_local/overview", "/_local/domain-events", "/_local/messages"]) {
      const response = await fetch(`http://127.0.0.1:${port}${path}`);
      const isFile = path === "/_local/" || path.includes("page.");
      expect(response.headers.get("content-type"), path).toMatch(isFile ? /^text\/(html|javascript|css)/ : /^application\/json/);
      expect(response.headers.get("x-content-type-options"), path).toBe("nosniff");
      expect(response.headers.get("content-security-policy"), path).toBe("frame-ancestors 'none'");
    }
    for (const host of ["evil.test", `evil.test:${port}`, "localhost.evil.test", "127.0.0.1.evil.test"]) expect(await statusFor(host), host).toBe(403);
    for (const host of [`127.0.0.1:${port}`, `localhost:${port}`]) expect(await statusFor(host), host).toBe(200);
  });

  it("loses no payment and sends one message when it is killed right after the customer paid", async () => {
    const checkout = await buy();
    await api("POST", "/_local/pay", { paymentIntentId: checkout.payment!.paymentIntentId, outcome: "succeed" });
    await kill();
    await start();
    await eventually("fulfilled", async () => (await order(checkout)).status === "fulfilled");
    await eventually("one message", async () => (await messagesOf(checkout)).length === 1);
    await sleep(500);
    expect(await messagesOf(checkout)).toHaveLength(1);
  });

  it("loses nothing when it is killed again and again at random moments between payment and message", async () => {
    const checkouts: Checkout[] = [];
    for (const delay of [20, 60, 120, 250]) {
      const checkout = await buy();
      checkouts.push(checkout);
      await api("POST", "/_local/pay", { paymentIntentId: checkout.payment!.paymentIntentId, outcome: "succeed" });
      await sleep(delay);
      await kill();
      await start();
    }
    for (const checkout of checkouts) {
      await eventually("fulfilled", async () => (await order(checkout)).status === "fulfilled");
      await eventually("a message", async () => (await messagesOf(checkout)).length > 0);
      expect(await messagesOf(checkout)).toHaveLength(1);
    }
  });

  it("refuses a second start on the same folder, and on a busy port, with a sentence that says what to do", async () => {
    expect(await dev([], { PORT: String(await freePort()) }).done).toMatchObject({ code: 1, output: expect.stringContaining("DATA_DIR") as string });
    const other = mkdtempSync(join(tmpdir(), "fashionistas-dev-"));
    expect(await dev([], { DATA_DIR: other }).done).toMatchObject({ code: 1, output: expect.stringContaining(`PORT=${port + 1} pnpm dev`) as string });
    rmSync(other, { recursive: true, force: true });
  });

  it("stops everything on Ctrl-C and explains a wrong option, a wrong port and a dead engine", async () => {
    const gone = new Promise((resolve) => running?.once("exit", resolve));
    running?.kill("SIGINT");
    await gone;
    await expect(fetch(`http://127.0.0.1:${port}/health`)).rejects.toThrow();
    expect(await dev(["--frsh"]).done).toMatchObject({ code: 1, output: expect.stringContaining("--fresh") as string });
    expect(await dev([], { PORT: "http" }).done).toMatchObject({ code: 1, output: expect.stringContaining("PORT must be") as string });
    expect(await dev([], { DYNAMODB_ENDPOINT: "http://127.0.0.1:9" }).done).toMatchObject({
      code: 1,
      output: expect.stringContaining("DYNAMODB_ENDPOINT") as string,
    });
  });

  it("explains a damaged data folder and starts from nothing with --fresh", async () => {
    const { writeFileSync } = await import("node:fs");
    writeFileSync(join(dataDir, "keys.json"), '{"PERSON_HASH');
    expect(await dev().done).toMatchObject({ code: 1, output: expect.stringContaining("pnpm dev --fresh") as string });
    const { child, ready } = dev(["--fresh"]);
    running = child;
    await ready;
    expect((await api<{ items: unknown[] }>("GET", "/_local/messages")).items).toEqual([]);
  });
});
