/** Who may import whom, as in the architecture: one rule a line, and what to do instead. */
import type { Import } from "./source.ts";

/**
 * Files matching `from` (but not `notFrom`) import nothing matching `to`, except what matches `except`.
 * `$1` in `to` and `except` stands for what the first group of `from` matched.
 */
export type Rule = { from: string; notFrom?: string; to: string; except?: string; instead: string };

const CORE = "^packages/core/src/";
const OURS = "^(packages|functions|stacks|tests)/|^sst\\.config";
const ANYTHING = "";
const NOUN = `${CORE}(?!db/)([^/]+)/`;
const PURE = `${CORE}(money|time|text|error|id|page|permission)\\.ts$`;
const SCHEMAS = `${CORE}[^/]+/schema\\.ts$`;
const RULES = `${CORE}[^/]+/rules/`;
const DOMAIN_EVENTS = `${CORE}[^/]+/domain-events\\.ts$`;
const VENDOR = "^packages/integrations/src/";

// One rule a line.
// oxfmt-ignore
export const rules: readonly Rule[] = [
  // rooms
  { from: "^stacks/", to: OURS, except: `^stacks/|${CORE}db/table\\.ts$|${DOMAIN_EVENTS}|^functions/([^/]+/manifest|api/settings)\\.ts$`, instead: "A stack reads plain data only (core/db/table.ts, core/*/domain-events.ts, functions/*/manifest.ts, functions/api/settings.ts); name code by its handler path, a string." },
  { from: "^sst\\.config\\.ts$", to: OURS, except: "^stacks/", instead: "sst.config.ts is a table of contents: put it into a stack." },
  { from: "^functions/", to: OURS, except: `^functions/|${CORE}|${VENDOR}`, instead: "A Lambda entry imports core and integrations: move what it needs into one of them." },
  { from: VENDOR, to: OURS, except: `${VENDOR}|${CORE}`, instead: "An integration imports core alone: what calls it lives in functions/." },
  { from: CORE, to: OURS, except: CORE, instead: "Core knows nobody: state a domain event and let a consumer in functions/ do the rest." },
  { from: "^packages/local/", to: OURS, except: `^packages/local/|^functions/|${CORE}|${VENDOR}`, instead: "The local machine runs functions, integrations and core, nothing else." },
  { from: "^packages/client/", to: OURS, except: "^packages/client/", instead: "The client is generated from openapi.json and imports nothing of the repository." },
  { from: "^packages/scripts/", to: OURS, except: `^packages/(scripts|local)/|^functions/|${CORE}`, instead: "A script is a thin caller of core's verbs." },
  { from: "^(packages/(?!local/|scripts/)|functions/|stacks/|sst\\.config)", to: "^packages/local/", instead: "packages/local is never deployed: only tests and scripts start it." },

  // inside core
  { from: NOUN, notFrom: `/(schema\\.ts$|rules/)`, to: `${CORE}(?!db/|$1/)[^/]+/`, except: `${CORE}[^/]+/index\\.ts$`, instead: "Ask the other noun through its index.ts, and export there what it should answer." },
  { from: `${CORE}(db/.*|[^/]+\\.ts$)`, to: `${CORE}(?!db/)[^/]+/`, instead: "What all nouns share knows none of them: pass it in, or move this into the noun." },
  { from: RULES, to: ANYTHING, except: `${RULES}|${SCHEMAS}|${PURE}`, instead: "A rule takes `now` and data and returns data: load in the verb, then pass it in. It may import rules, schema.ts, money.ts, time.ts." },
  { from: SCHEMAS, to: ANYTHING, except: `${SCHEMAS}|${PURE}|^npm:zod$`, instead: "A schema says what data looks like: other schemas, ids, money, time and zod are enough for that." },
  { from: DOMAIN_EVENTS, to: ANYTHING, except: `${CORE}domain-event\\.ts$|${SCHEMAS}|${PURE}|^npm:zod$`, instead: "Stacks read domain events as plain data: no entity, no database, no verb." },
  { from: `${CORE}db/table\\.ts$`, to: ANYTHING, instead: "Stacks read it as plain data: it imports nothing." },

  // vendors and tools, each in its one place
  { from: ANYTHING, notFrom: "^stacks/|^sst\\.config\\.ts$|^tests/", to: "^npm:(sst|aws-cdk-lib|constructs)$", instead: "Infrastructure lives in stacks/. Configuration is a plain environment variable, read in core/config.ts." },
  { from: ANYTHING, notFrom: `${VENDOR}stripe/|^tests/`, to: "^npm:stripe$", instead: "Call a verb of integrations/stripe." },
  { from: ANYTHING, notFrom: `${VENDOR}cloudinary/|^tests/`, to: "^npm:cloudinary$", instead: "Call a verb of integrations/cloudinary." },
  { from: ANYTHING, notFrom: `${CORE}([^/]+/entity\\.ts$|db/|(rate-limit|idempotency)/)|^tests/`, to: "^npm:electrodb$", instead: "Declare the entity in the noun's entity.ts and use it from there." },
  { from: CORE, to: "^npm:(hono|@hono/.*|aws-lambda|@aws-lambda-powertools/.*|@aws-sdk/client-(?!dynamodb$).*)$", instead: "Core knows no HTTP and no AWS event shapes: decode in functions/ and call a verb." },
  { from: "^(functions/|packages/integrations/src/(?!.*fake))", to: `${VENDOR}(.*/)?fake`, instead: "Vendor fakes are for packages/local and tests; deployed code calls the client." },
];

export type Violation = Import & { instead: string };

export function violationsOf(imports: readonly Import[]): Violation[] {
  return imports.flatMap((one) => rules.filter((rule) => breaks(rule, one)).map(({ instead }) => ({ ...one, instead })));
}

function breaks({ from, notFrom, to, except }: Rule, { file, target }: Import): boolean {
  const match = new RegExp(from).exec(file);
  if (!match || (notFrom !== undefined && new RegExp(notFrom).test(file))) return false;
  const filled = (pattern: string) => new RegExp(pattern.replaceAll("$1", match[1] ?? "$1"));
  return filled(to).test(target) && !(except !== undefined && filled(except).test(target));
}

/** Circles among the nouns of core, each from its first noun on: `order → ticket → order`. */
export function nounCycles(imports: readonly Import[]): string[] {
  const noun = (path: string) => new RegExp(NOUN).exec(path)?.[1];
  const edges = new Map<string, Set<string>>();
  for (const { file, target } of imports) {
    const [a, b] = [noun(file), noun(target)];
    if (a && b && a !== b) edges.set(a, (edges.get(a) ?? new Set()).add(b));
  }
  const circles = (path: string[]): string[] =>
    [...(edges.get(path.at(-1)!) ?? [])].flatMap((next) => {
      if (next === path[0]) return [[...path, next].join(" → ")];
      return next < path[0]! || path.includes(next) ? [] : circles([...path, next]);
    });
  return [...edges.keys()].sort().flatMap((start) => circles([start]));
}
