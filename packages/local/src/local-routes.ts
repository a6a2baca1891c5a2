import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { ServerResponse } from "node:http";
import { dirname, join } from "node:path";
import type { Background } from "./background-thread.ts";
import { demoUser, isRole, type Issuer } from "./issuer.ts";
import type { LocalRoute } from "./server.ts";
import type { LocalStore } from "./store.ts";

/** What only this machine offers, below /_local/: tokens, a customer's browser, and views of what happened. Never deployed. */
export function localRoutes({
  background,
  issuer,
  store,
  overview,
}: {
  background: Background;
  issuer: Issuer;
  store: LocalStore;
  overview: () => object;
}): LocalRoute {
  const page = new URL("./page/", import.meta.url);
  const swaggerUi = dirname(createRequire(import.meta.url).resolve("swagger-ui-dist/package.json"));

  return async (request, response, body) => {
    const url = new URL(request.url ?? "/", "http://localhost");
    if (!url.pathname.startsWith("/_local")) return false;
    const route = `${request.method} ${url.pathname}`;
    // A page elsewhere could make its own name mean this machine: it must not get a token for it.
    if (!LOOPBACK_HOST.test(request.headers.host ?? "")) {
      json(response, 403, { message: "Local routes answer on localhost and 127.0.0.1 alone." });
      return true;
    }
    try {
      if (route === "GET /_local") response.writeHead(308, { location: "/_local/" }).end();
      else if (route === "GET /_local/") await file(response, new URL("index.html", page).pathname);
      else if (route === "GET /_local/page.css" || route === "GET /_local/page.js")
        await file(response, new URL(url.pathname.slice("/_local/".length), page).pathname);
      else if (/^GET \/_local\/swagger-ui\/swagger-ui(-bundle)?\.(css|js)$/.test(route))
        await file(response, join(swaggerUi, url.pathname.slice("/_local/swagger-ui/".length)));
      else if (route === "GET /_local/jwks.json") json(response, 200, await issuer.jwks());
      else if (route === "GET /_local/overview") json(response, 200, overview());
      else if (route === "POST /_local/token") await token(response, body);
      else if (route === "POST /_local/pay") await pay(response, body);
      else if (route === "GET /_local/messages") json(response, 200, { items: await background.ask({ ask: "messages" }) });
      else if (route === "GET /_local/domain-events")
        json(response, 200, { items: (await store.newest("domain-events", limitOf(url))).map(({ value }) => value) });
      else json(response, 404, { message: "There is no such local route. See /_local/ for what there is." });
    } catch (error) {
      json(response, 400, { message: error instanceof Error ? error.message : String(error) });
    }
    return true;
  };

  async function token(response: ServerResponse, body: Buffer): Promise<void> {
    const asked = JSON.parse(body.toString("utf8")) as { role?: unknown; subject?: unknown; email?: unknown };
    const { role = "attendee", email } = asked;
    if (!isRole(role))
      throw new Error('Send {"role":"admin"|"organizer"|"sponsor"|"designer"|"model"|"attendee"}, and "subject" or "email" for somebody else.');
    const subject = typeof asked.subject === "string" ? asked.subject : typeof email === "string" ? email : demoUser(role);
    const { personWithRole } = await import("./people.ts");
    if (asked.role !== undefined) await personWithRole(role, subject);
    json(response, 200, { token: await issuer.token(subject, typeof email === "string" ? { email, email_verified: true } : undefined) });
  }

  async function pay(response: ServerResponse, body: Buffer): Promise<void> {
    const asked = JSON.parse(body.toString("utf8")) as { paymentIntentId?: unknown; outcome?: unknown; paymentMethod?: unknown };
    const { paymentIntentId, outcome = "succeed", paymentMethod } = asked;
    const isMethod = paymentMethod === undefined || typeof paymentMethod === "string";
    if (typeof paymentIntentId !== "string" || !isMethod || (outcome !== "succeed" && outcome !== "decline" && outcome !== "processing")) {
      throw new Error(
        'Send {"paymentIntentId":"pi_…","outcome":"succeed"|"decline"|"processing","paymentMethod":"pm_card_createDispute"}; only the first is needed.',
      );
    }
    const how = paymentMethod === undefined ? {} : { paymentMethod };
    const intent = await background.ask<{ id: string; status: string }>({ ask: "pay", paymentIntentId, outcome, ...how });
    json(response, 200, { paymentIntentId: intent.id, status: intent.status });
  }
}

const LOOPBACK_HOST = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/;

function limitOf(url: URL): number {
  const limit = Number(url.searchParams.get("limit") ?? "100");
  return Number.isInteger(limit) && limit >= 1 && limit <= 1_000 ? limit : 100;
}

function json(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { ...SAFE, "content-type": "application/json", "cache-control": "no-store" }).end(JSON.stringify(value));
}

/** The page has its own policy; what a page cannot say of itself is that nobody may frame it. */
const SAFE = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
  "content-security-policy": "frame-ancestors 'none'",
};
const TYPES: Record<string, string> = { html: "text/html; charset=utf-8", css: "text/css; charset=utf-8", js: "text/javascript; charset=utf-8" };

async function file(response: ServerResponse, path: string): Promise<void> {
  const bytes = await readFile(path);
  response
    .writeHead(200, { ...SAFE, "content-type": TYPES[path.slice(path.lastIndexOf(".") + 1)] ?? "application/octet-stream", "cache-control": "no-cache" })
    .end(bytes);
}
