import { createPrivateKey, sign, type KeyObject } from "node:crypto";
import { QueryCommand } from "@aws-sdk/lib-dynamodb";
import { envelopesOf } from "@fashionistas/core/db/journal";
import { Envelope } from "@fashionistas/core/domain-event";
import * as ApiKeyEvents from "@fashionistas/core/api-key/domain-events";
import * as DeviceEvents from "@fashionistas/core/device/domain-events";
import * as DisputeEvents from "@fashionistas/core/dispute/domain-events";
import * as DataExportEvents from "@fashionistas/core/data-export/domain-events";
import * as ErasureEvents from "@fashionistas/core/erasure/domain-events";
import * as EventEvents from "@fashionistas/core/event/domain-events";
import * as GrantEvents from "@fashionistas/core/grant/domain-events";
import * as InvitationEvents from "@fashionistas/core/invitation/domain-events";
import * as OrderEvents from "@fashionistas/core/order/domain-events";
import * as PersonEvents from "@fashionistas/core/person/domain-events";
import * as RefundEvents from "@fashionistas/core/refund/domain-events";
import * as RoleEvents from "@fashionistas/core/role/domain-events";
import * as SessionEvents from "@fashionistas/core/session/domain-events";
import * as UserEvents from "@fashionistas/core/user/domain-events";
import * as TicketTypeEvents from "@fashionistas/core/ticket-type/domain-events";
import * as WebhookEvents from "@fashionistas/core/webhook/domain-events";
import { handler } from "@fashionistas/functions/api/handler";
import { lambdaContext } from "@fashionistas/local/lambda";
import { userIdFor } from "@fashionistas/core/user";
import { consumers } from "@fashionistas/functions/consumers/manifest";
import { expect } from "vitest";
import * as z from "zod";
import { demoUser, LOCAL_ISSUER } from "@fashionistas/local/issuer";
import { openShop } from "../kit/shop.ts";
import { startWorld, type Answer, type World } from "../kit/world.ts";

export type Ask = { token?: string; body?: unknown; headers?: Record<string, string> };
export type Problem = {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: string;
  requestId: string;
  errors?: { path: string; message: string }[];
} & Record<string, unknown>;

type JournalEntry = {
  entityId: string;
  seq: number;
  action: string;
  actor: { kind: string; id?: string };
  at: string;
  requestId: string;
  events: z.output<typeof Envelope>[];
};
type Declared = { description: string; content?: Record<string, { schema: object }> };
type OpenApi = { paths: Record<string, Record<string, { responses: Record<string, Declared> }>>; components: { schemas: Record<string, object> } };

const definitions = new Map(
  [
    ApiKeyEvents,
    DeviceEvents,
    DataExportEvents,
    DisputeEvents,
    ErasureEvents,
    PersonEvents,
    EventEvents,
    GrantEvents,
    InvitationEvents,
    OrderEvents,
    RefundEvents,
    RoleEvents,
    SessionEvents,
    TicketTypeEvents,
    UserEvents,
    WebhookEvents,
  ]
    .flatMap((module) => Object.values(module))
    .map((definition) => [definition.type as string, definition]),
);

export const ORGANIZER = { kind: "organizer", id: userIdFor(LOCAL_ISSUER, demoUser("organizer")) };
export const ADMIN = { kind: "admin", id: userIdFor(LOCAL_ISSUER, demoUser("admin")) };

/** A world, its shop, and what tests of the HTTP API ask of them. Every answer is compared with its documentation in `undocumented`. */
export async function openApi() {
  const bare = await startWorld();
  const answers: { method: string; path: string; status: number; body: unknown }[] = [];
  const request = async <T = any>(method: string, path: string, ask: Ask = {}): Promise<Answer<T>> => {
    const answer = await bare.request<T>(method, path, ask);
    answers.push({ method, path: path.split("?")[0]!, status: answer.status, body: answer.body });
    return answer;
  };
  const world: World = { ...bare, request };
  const shop = await openShop(world);

  async function journalOf(id: string): Promise<JournalEntry[]> {
    const { Items = [] } = await world.documents.send(
      new QueryCommand({
        TableName: world.tableName,
        ConsistentRead: true,
        KeyConditionExpression: "pk = :pk",
        ExpressionAttributeValues: { ":pk": `JOURNAL#${id}` },
      }),
    );
    return Items.map((item) => ({ ...(item as JournalEntry), events: envelopesOf(item as Parameters<typeof envelopesOf>[0]) }));
  }

  /**
   * What was done to a thing, oldest first: `organizer event.create → event.created`. Everything that was caused has happened
   * before; every domain event that the journal states was published exactly once, is valid, and none was published beside it.
   */
  async function story(id: string): Promise<string[]> {
    await world.settle();
    const journal = await journalOf(id);
    const published = (await world.store.list<unknown>("domain-events"))
      .map(({ value }) => Envelope.parse(value))
      .filter(({ aggregate }) => aggregate.id === id);
    const stated = journal.flatMap(({ events }) => events);
    expect(published.map((event) => `${event.id} ${event.type}`).sort()).toEqual(stated.map((event) => `${event.id} ${event.type}`).sort());
    for (const event of published) {
      const definition = definitions.get(event.type);
      expect(definition, `${event.type} is declared`).toBeDefined();
      expect(definition!.schema.strict().parse(event.data)).toEqual(event.data);
    }
    return journal.map(({ actor, action, events }) => `${actor.kind} ${action} → ${events.map(({ type }) => type).join(", ")}`);
  }

  /** Messages about a thing that a consumer has not worked off, waiting or dead. */
  async function stuck(id: string): Promise<string[]> {
    await world.settle();
    const collections = consumers.flatMap(({ name }) => [`queue:${name}`, `dead:${name}`]);
    const messages = await Promise.all(
      collections.map(async (name) => (await world.store.list<{ body: string }>(name)).map(({ value }) => ({ name, body: value.body }))),
    );
    return messages
      .flat()
      .filter(({ body }) => body.includes(id))
      .map(({ name }) => name);
  }

  /** A JWT of the world's issuer with these claims. */
  function tokenWith(
    claims: Record<string, unknown>,
    { header = {}, key = createPrivateKey(process.env["TEST_ISSUER_KEY"]!) }: { header?: Record<string, unknown>; key?: KeyObject } = {},
  ): string {
    const seconds = Math.floor(Date.now() / 1_000);
    const standard = { iss: LOCAL_ISSUER, aud: "fashionistas", iat: seconds, exp: seconds + 3_600 };
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const words = `${part({ alg: "RS256", kid: "local-1", typ: "JWT", ...header })}.${part({ ...standard, ...claims })}`;
    return `${words}.${sign("sha256", Buffer.from(words), key).toString("base64url")}`;
  }

  /** An answer to the byte, without what differs between any two: the request's id, the date and what is left of a limit. */
  async function bytes(method: string, path: string, { token, body, headers = {} }: Ask = {}) {
    const response = await fetch(`${world.baseUrl}${path}`, {
      method,
      headers: { ...(token ? { authorization: `Bearer ${token}` } : {}), ...headers },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: [...response.headers].filter(([name]) => !["date", "x-request-id", "ratelimit"].includes(name)),
      text: text.replace(/"requestId":"req_[0-9A-Z]{26}"/, '"requestId":""'),
    };
  }

  /** What was answered otherwise than /openapi.json says: a status or a code that is not declared, a body of another shape. */
  async function undocumented(): Promise<string[]> {
    const { body: document } = await bare.request<OpenApi>("GET", "/openapi.json");
    const operations = Object.entries(document.paths).flatMap(([template, methods]) =>
      Object.entries(methods).map(([method, { responses }]) => ({
        method: method.toUpperCase(),
        template,
        responses,
        path: new RegExp(`^${template.replace(/\{\w+\}/g, "[^/]+")}$`),
      })),
    );
    const schemas = new Map<object, z.ZodType>();
    const schemaOf = (schema: object) => {
      if (!schemas.has(schema)) schemas.set(schema, readSchema(schema, document));
      return schemas.get(schema)!;
    };
    const found = answers.flatMap(({ method, path, status, body }) => {
      const operation = operations.find((one) => one.method === method && one.path.test(path));
      if (!operation) return [];
      const name = `${method} ${operation.template} → ${status}`;
      const declared = operation.responses[status];
      if (!declared) return [`${name} ${(body as Partial<Problem>).code ?? ""}`];
      if (status >= 400) return declared.description.includes(`\`${(body as Problem).code}\``) ? [] : [`${name} ${(body as Problem).code}`];
      const schema = declared.content?.["application/json"]?.schema;
      const parsed = schema && schemaOf(schema).safeParse(body);
      return parsed && !parsed.success ? [`${name} ${parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("; ")}`] : [];
    });
    return [...new Set(found)].sort();
  }

  return {
    world,
    shop,
    request,
    journalOf,
    story,
    stuck,
    tokenWith,
    bytes,
    undocumented,
    /** Somebody who makes events of their own. */
    otherOrganizer: await world.tokenOf("organizer", "other-organizer"),
  };
}

export type Api = Awaited<ReturnType<typeof openApi>>;

/** A JSON schema of the document as a parser. */
export function readSchema(schema: object, document: { components: { schemas: Record<string, object> } }): z.ZodType {
  const text = JSON.stringify({ ...schema, $defs: document.components.schemas }).replaceAll("#/components/schemas/", "#/$defs/");
  return z.fromJSONSchema(JSON.parse(text) as Parameters<typeof z.fromJSONSchema>[0]);
}

/** The answer is this refusal, an RFC 9457 problem, naming exactly these fields. */
export async function refused(answer: Answer<unknown> | Promise<Answer<unknown>>, status: number, code: string, fields?: readonly string[]): Promise<Problem> {
  const { status: got, headers, body } = await answer;
  const problem = body as Problem;
  expect({ status: got, code: problem.code }, JSON.stringify(problem)).toEqual({ status, code });
  expect(headers.get("content-type")).toBe("application/problem+json");
  expect(headers.get("cache-control")).toContain("no-store");
  expect(problem).toEqual(
    expect.objectContaining({
      type: expect.stringMatching(/./),
      title: expect.stringMatching(/./),
      status,
      detail: expect.stringMatching(/./),
      requestId: expect.stringMatching(/^req_[0-9A-HJKMNP-TV-Z]{26}$/),
    }),
  );
  expect(headers.get("www-authenticate")).toBe(status === 401 ? "Bearer" : null);
  for (const error of problem.errors ?? []) expect(error).toEqual({ path: expect.any(String), message: expect.stringMatching(/./) });
  if (fields) expect((problem.errors ?? []).map(({ path }) => path).sort()).toEqual([...fields].sort());
  return problem;
}

/** The body of an answer that must have this status. */
export async function answered<T>(answer: Answer<T> | Promise<Answer<T>>, status: number): Promise<T> {
  const { status: got, body } = await answer;
  expect(got, JSON.stringify(body)).toBe(status);
  return body;
}

/** How often each status (and code) was answered: `{ "200": 1, "409 request.conflict": 3 }`. */
export function tally(answers: readonly Answer<any>[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status, body } of answers) {
    const name = status < 400 ? String(status) : `${status} ${(body as Problem).code}`;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

/** As many calls at the same moment. */
export function atOnce<T>(times: number, call: (n: number) => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: times }, (_, n) => call(n)));
}

/** A call that API Gateway saw come from this address. */
export async function callFrom(
  sourceIp: string | undefined,
  { method = "GET", path, headers = {}, body }: { method?: string; path: string; headers?: Record<string, string>; body?: unknown },
): Promise<{ statusCode: number; headers: Record<string, string>; body: string }> {
  const event = {
    version: "2.0",
    routeKey: "$default",
    rawPath: path,
    rawQueryString: "",
    headers: { host: "api.test", "content-type": "application/json", ...headers },
    requestContext: {
      domainName: "api.test",
      http: { method, path, protocol: "HTTP/1.1", sourceIp, userAgent: "test" },
      routeKey: "$default",
      stage: "$default",
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    isBase64Encoded: false,
  };
  return (await handler(event as never, lambdaContext("api") as never)) as { statusCode: number; headers: Record<string, string>; body: string };
}
