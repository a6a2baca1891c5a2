import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { allFiles, type Node, nodesOf, root, sourceOf } from "./source.ts";

const CORE = "packages/core/src/";
const coreFiles = allFiles().filter((file) => file.startsWith(CORE));
const nouns = [
  ...new Set(
    coreFiles
      .map((file) => file.slice(CORE.length).split("/"))
      .filter(([folder, file]) => file && folder !== "db")
      .map(([folder]) => folder!),
  ),
];
const entityFiles = coreFiles.filter((file) => readFileSync(join(root, file), "utf8").includes("new Entity("));
const calls = coreFiles.map(sourceOf).flatMap(({ file, tree }) =>
  nodesOf(tree).flatMap((node) => {
    const call = node.type === "VariableDeclarator" ? (node["init"] as Node | null) : undefined;
    const callee = (call?.["callee"] as { name?: string } | undefined)?.name;
    return callee ? [{ file, callee, variable: (node["id"] as { name: string }).name, first: (call!["arguments"] as { value?: unknown }[])[0]?.value }] : [];
  }),
);

/** Files of core in which `const … = callee(…)` stands, without those that may. */
function misplaced(callee: string, home: RegExp): string[] {
  return calls.filter((call) => call.callee === callee && !home.test(call.file.slice(CORE.length))).map(({ file, variable }) => `${file}: ${variable}`);
}

function snake(name: string): string {
  return name.replace(/-/g, "_").replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

describe.each(nouns)("the noun %s", (noun) => {
  const folder = `${CORE}${noun}/`;

  it("is a kebab-case word", () => {
    expect(noun).toMatch(/^[a-z]+(-[a-z]+)*$/);
  });

  it("shows others what its index.ts exports, and nothing is written there", () => {
    const statements = (sourceOf(`${folder}index.ts`).tree["body"] as Node[]).map(({ type, source }) => `${type} ${source ? "from" : "own"}`);
    expect([...new Set(statements)]).toEqual(["ExportNamedDeclaration from"]);
  });

  it("specifies each of its rules in a header and tests it without a database", () => {
    for (const file of coreFiles.filter((file) => file.startsWith(`${folder}rules/`))) {
      expect(readFileSync(join(root, file), "utf8"), file).toMatch(/^\/\*\*\n/);
      const test = file.replace(CORE, "tests/core/").replace(/\.ts$/, ".test.ts");
      expect(existsSync(join(root, test)), test).toBe(true);
    }
  });
});

describe.each(entityFiles)("the entities of %s", (file) => {
  it("stand where entities are looked for", () => {
    expect(file.slice(CORE.length)).toMatch(/^[^/]+\/entity\.ts$|^db\/journal\.ts$|^rate-limit\/take\.ts$|^idempotency\/once\.ts$/);
  });

  it("say in their header who asks what, and every question has its golden keys", () => {
    const text = readFileSync(join(root, file), "utf8");
    const header = [...text.matchAll(/\/\*\*\n.*?\*\//gs)].map(([comment]) => comment).find((comment) => /^ \* +1\. /m.test(comment)) ?? "";
    const asked = [...header.matchAll(/^ \* +(\d+)\. /gm)].map(([, number]) => number);
    const golden = readFileSync(join(root, `tests/core/${file.slice(CORE.length).split("/")[0]}/keys.test.ts`), "utf8");
    const tested = [...golden.matchAll(/^(?:it|describe)\("(\d+)\. /gm)].map(([, number]) => number);
    expect(asked).not.toEqual([]);
    expect([...new Set(tested)]).toEqual(asked);
  });
});

describe("core", () => {
  it("declares error codes in errors.ts and domain events in domain-events.ts", () => {
    expect(misplaced("defineError", /^error\.ts$|\/errors\.ts$|^idempotency\/once\.ts$/)).toEqual([]);
    expect(misplaced("defineDomainEvent", /\/domain-events\.ts$/)).toEqual([]);
  });

  it("names every verb once, as its noun and the function that it exports", () => {
    const verbs = calls.filter(({ callee }) => callee === "capability");
    expect(verbs.length).toBeGreaterThan(0);
    expect(verbs.map(({ file, first }) => `${file} ${first as string}`)).toEqual(
      verbs.map(({ file, variable }) => `${file} ${snake(file.slice(CORE.length).split("/")[0]!)}.${snake(variable)}`),
    );
    const names = verbs.map(({ first }) => first);
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
  });

  it.each(["defineError", "defineDomainEvent"])("declares with %s nothing twice, under the noun it belongs to", (callee) => {
    const codes = calls.filter((call) => call.callee === callee).map(({ first }) => first as string);
    expect(codes.filter((code, i) => codes.indexOf(code) !== i)).toEqual([]);
    expect(codes.filter((code) => !/^[a-z_]+\.[a-z_]+$/.test(code))).toEqual([]);
  });

  it("and functions keep every file at 400 lines or fewer", () => {
    const files = allFiles().filter((file) => file.startsWith("packages/core/") || file.startsWith("functions/"));
    expect(files.filter((file) => readFileSync(join(root, file), "utf8").split("\n").length > 401)).toEqual([]);
  });
});
