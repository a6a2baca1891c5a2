import { describe, expect, it } from "vitest";
import { nounCycles, rules, violationsOf } from "./boundaries.ts";
import { allFiles, importsOf, type Import, sourceOf } from "./source.ts";

const imports = allFiles().flatMap((file) => importsOf(sourceOf(file)));
const ofCore = (path: string) => `packages/core/src/${path}`;

describe("the repository", () => {
  it("imports only across the boundaries that the architecture allows", () => {
    expect(violationsOf(imports).map(({ file, line, target, instead }) => `${file}:${line} imports ${target}. ${instead}`)).toEqual([]);
  });

  it("has no circle among the nouns of core", () => {
    expect(nounCycles(imports)).toEqual([]);
  });

  it("imports zod as a namespace everywhere, 83 KB of bundle instead of 443 KB", () => {
    const wrong = imports.filter(
      ({ target, names }) => names.includes("z") || (target === "npm:zod" && names.some((name) => name !== "ImportNamespaceSpecifier")),
    );
    expect(wrong.map(({ file, line }) => `${file}:${line} Write: import * as z from "zod".`)).toEqual([]);
  });

  it("is read whole: every room shows up in the imports", () => {
    const rooms = new Set(
      imports.map(({ file }) =>
        file
          .split("/")
          .slice(0, file.startsWith("packages/") ? 2 : 1)
          .join("/"),
      ),
    );
    expect([...rooms]).toEqual(
      expect.arrayContaining(["functions", "packages/core", "packages/integrations", "packages/scripts", "sst.config.ts", "stacks", "tests"]),
    );
  });
});

describe("a boundary", () => {
  // Each line breaks the rule at the same place in `rules`.
  const broken: readonly [file: string, target: string][] = [
    ["stacks/table.ts", ofCore("order/entity.ts")],
    ["sst.config.ts", "functions/consumers/manifest.ts"],
    ["functions/api/app.ts", "stacks/api.ts"],
    ["packages/integrations/src/stripe/verbs.ts", "functions/edge.ts"],
    [ofCore("order/place.ts"), "packages/integrations/src/stripe/verbs.ts"],
    ["packages/local/src/server.ts", "tests/kit/world.ts"],
    ["packages/client/src/index.ts", ofCore("money.ts")],
    ["packages/scripts/src/seed.ts", "packages/integrations/src/stripe/verbs.ts"],
    ["stacks/api.ts", "packages/local/src/engine.ts"],
    [ofCore("order/place.ts"), ofCore("pool/claim.ts")],
    [ofCore("db/transact.ts"), ofCore("order/index.ts")],
    [ofCore("order/rules/status.ts"), ofCore("context.ts")],
    [ofCore("order/schema.ts"), ofCore("person/index.ts")],
    [ofCore("order/domain-events.ts"), ofCore("order/entity.ts")],
    [ofCore("db/table.ts"), ofCore("config.ts")],
    [ofCore("order/place.ts"), "npm:sst"],
    ["functions/webhooks/stripe.ts", "npm:stripe"],
    ["functions/api/app.ts", "npm:cloudinary"],
    [ofCore("order/place.ts"), "npm:electrodb"],
    [ofCore("order/place.ts"), "npm:hono"],
    ["functions/webhooks/stripe.ts", "packages/integrations/src/stripe/fake.ts"],
  ];

  it.each(rules.map(({ instead }, i) => ({ instead, example: broken[i] })))("bites: $instead", ({ instead, example: [file, target] = ["", ""] }) => {
    const reasons = violationsOf([{ file, line: 1, target, names: [] }]).map((violation) => violation.instead);
    expect(reasons).toContain(instead);
  });

  it.each([
    ["stacks/table.ts", ofCore("db/table.ts")],
    ["stacks/consumers.ts", "functions/consumers/manifest.ts"],
    [ofCore("order/place.ts"), ofCore("pool/index.ts")],
    [ofCore("order/place.ts"), ofCore("order/entity.ts")],
    [ofCore("order/schema.ts"), ofCore("person/schema.ts")],
    [ofCore("order/rules/purchase.ts"), ofCore("ticket-type/schema.ts")],
    [ofCore("order/rules/purchase.ts"), ofCore("event/rules/status.ts")],
    [ofCore("db/journal.ts"), "npm:electrodb"],
    ["packages/integrations/src/stripe/fake.ts", "packages/integrations/src/fake-server.ts"],
    ["tests/flows/purchase.test.ts", ofCore("pool/claim.ts")],
  ])("lets %s import %s", (file, target) => {
    expect(violationsOf([{ file, line: 1, target, names: [] }])).toEqual([]);
  });

  it("sees a circle through any number of nouns", () => {
    const edge = (from: string, to: string): Import => ({ file: ofCore(`${from}/a.ts`), line: 1, target: ofCore(`${to}/index.ts`), names: [] });
    expect(nounCycles([edge("order", "ticket"), edge("ticket", "event"), edge("event", "order"), edge("order", "pool")])).toEqual([
      "event → order → ticket → event",
    ]);
  });
});
