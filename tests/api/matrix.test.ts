import { app } from "@fashionistas/functions/api/app";
import { CALLERS, type Answer, type Caller } from "@fashionistas/functions/api/access";
import { endpoints, type Endpoint } from "@fashionistas/functions/api/endpoint";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { workOf } from "../kit/tap.ts";
import { callOf, strangeCalls, type Call } from "./matrix/calls.ts";
import { gather } from "./matrix/people.ts";
import { makeThings, type Kind, type KindName, type Make, type Thing } from "./matrix/things.ts";
import { openApi, type Api, type Problem } from "./support.ts";

/**
 * Every endpoint × every caller × everything it can be about, as functions/api/access.ts declares them. A refusal is compared
 * with the same caller's call for what is missing: the status, the headers and the body to the byte, and the calls to the
 * table to the word; it has written nothing.
 */
const nameOf = ({ method, path }: Endpoint) => `${method.toUpperCase()} ${path}`;
/** Served beside the API: its own documentation. */
const DOCUMENTATION = ["GET /openapi.json", "GET /docs"];
const CODES: Partial<Record<Answer, string>> = { "401": "actor.unauthenticated", "403": "actor.not_allowed", "409": "ticket_type.not_on_sale" };
const WRITES = /^(Put|Update|Delete|Transact|BatchWrite)/;

let api: Api;
let kinds: Record<KindName, Kind>;
const figure = { cells: 0, unexpected: [] as string[] };
beforeAll(async () => {
  api = await openApi();
  kinds = await makeThings(api, await gather(api.world));
});
afterAll(() => void process.stdout.write(`access: ${endpoints.length} endpoints, ${figure.cells} cells, ${figure.unexpected.length} unexpected answers\n`));

type Given = { status: number; code: string | undefined; bytes: string; work: string[] };

async function ask(endpoint: Endpoint, call: Call, thing: Thing): Promise<Given> {
  const query = call.query?.(thing);
  const path = endpoint.path.replace(":id", encodeURIComponent(thing.id)).replace(":userId", thing.userId ?? "") + (query ? `?${query}` : "");
  const { token, headers: shown } = thing.as;
  const response = await fetch(`${api.world.baseUrl}${path}`, {
    method: endpoint.method.toUpperCase(),
    headers: { ...call.headers?.(), ...shown, ...(token ? { authorization: `Bearer ${token}` } : {}) },
    ...(call.body ? { body: JSON.stringify(call.body(thing)) } : {}),
  });
  const text = await response.text();
  const headers = [...response.headers]
    .filter(([name]) => name !== "date" && name !== "x-request-id")
    .map(([name, value]) => [name, name === "ratelimit" ? value.replace(/\d+/g, "n") : value]);
  const { code, requestId } = (response.status >= 400 ? JSON.parse(text) : {}) as Partial<Problem>;
  return {
    status: response.status,
    code,
    bytes: JSON.stringify([response.status, headers, text.replace(requestId ?? "", "")]),
    work: workOf(response.headers.get("x-request-id")!),
  };
}

/** What of an answer is otherwise than declared; nothing, in the end. */
function differences(endpoint: Endpoint, answer: Answer, given: Given, missing: Given | undefined): string[] {
  const { success, access } = endpoint;
  if (answer === "yes") return given.status === success.status ? [] : [`${given.status} ${given.code} instead of ${success.status}`];
  const code = answer === "404" ? access.missing : CODES[answer];
  if (given.status !== Number(answer) || given.code !== code) return [`${given.status} ${given.code ?? ""} instead of ${answer} ${code}`];
  const comparable = missing !== undefined && missing.status === given.status;
  return [
    ...given.work.filter((words) => WRITES.test(words) && !words.includes("CALL#")).map((words) => `wrote although refused: ${words}`),
    ...(comparable ? unlike(missing, given) : []),
    ...(comparable && given.work.join() !== missing.work.join()
      ? [`asks the table ${given.work.join("; ")}, for what is missing ${missing.work.join("; ")}`]
      : []),
  ];
}

function unlike(missing: Given, given: Given): string[] {
  return missing.bytes === given.bytes ? [] : [`says ${given.bytes}, of what is missing ${missing.bytes}`];
}

/** How to make what the column names: as many as there are where they are refused. What is published is foreign, too, where it makes no difference. */
function makersOf({ lasting, fresh }: Kind, { access }: Endpoint, { uses }: Call, column: string, answer: Answer): Make[] {
  if (answer === "yes") return [uses ? fresh![column]! : lasting[column]![0]!];
  const published = column === "foreign" && !access.columns.includes("published") ? (lasting["published"] ?? []) : [];
  return [...lasting[column]!, ...published];
}

/** Makes the caller as they are to what is not theirs. */
function outsider({ lasting }: Kind): Make {
  return Object.values(lasting).at(-1)![0]!;
}

describe.each(endpoints.map((endpoint) => [nameOf(endpoint), endpoint] as const))("%s", (name, endpoint) => {
  const { columns, answers } = endpoint.access;

  it.each(CALLERS)("answers %s as it declares", async (caller: Caller) => {
    const call = callOf(endpoint);
    const kind = kinds[call.about];
    const wrong: string[] = [];
    const check = (column: string, differing: string[]) => {
      figure.cells += 1;
      wrong.push(...differing.map((difference) => `${name} · ${caller} · ${column}: ${difference}`));
    };

    const missing = columns.includes("missing")
      ? await ask(endpoint, call, { ...kind.also, id: kind.missing, as: (await outsider(kind)(caller)).as })
      : undefined;
    for (const [i, column] of columns.entries()) {
      const answer = answers[caller][i]!;
      if (answer === "---") continue;
      if (column === "missing") {
        check(column, differences(endpoint, answer, missing!, undefined));
        if (answer === "404" && endpoint.path.includes(":id"))
          check("no id", unlike(missing!, await ask(endpoint, call, { ...kind.also, id: "nonsense", as: (await outsider(kind)(caller)).as })));
      } else {
        for (const make of makersOf(kind, endpoint, call, column, answer))
          check(column, differences(endpoint, answer, await ask(endpoint, call, await make(caller)), missing));
      }
    }
    figure.unexpected.push(...wrong);
    expect(wrong).toEqual([]);
  });
});

it("leaves no endpoint out: what is served is declared, and what is called is served", () => {
  const declared = new Set(endpoints.map(nameOf));
  const served = app.routes.filter(({ method }) => method !== "ALL").map(({ method, path }) => `${method} ${path}`);
  expect(served.filter((name) => !declared.has(name) && !DOCUMENTATION.includes(name))).toEqual([]);
  expect(strangeCalls(declared)).toEqual([]);
});
