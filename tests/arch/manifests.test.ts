import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { consumers } from "../../functions/consumers/manifest.ts";
import { schedules } from "../../functions/schedules/manifest.ts";
import { streamReaders } from "../../functions/streams/manifest.ts";
import { allFiles, nodesOf, root, sourceOf } from "./source.ts";

const entries = [...consumers, ...schedules, ...streamReaders];
const coreFiles = allFiles().filter((file) => file.startsWith("packages/core/src/"));

/** `defineDomainEvent("order.paid", …)` anywhere in core. */
function declaredTypes(): string[] {
  return coreFiles
    .filter((file) => file.endsWith("/domain-events.ts"))
    .flatMap((file) =>
      nodesOf(sourceOf(file).tree)
        .filter(({ type, callee }) => type === "CallExpression" && (callee as { name?: string }).name === "defineDomainEvent")
        .map((call) => (call["arguments"] as { value: string }[])[0]!.value),
    );
}

describe("what is subscribed, scheduled and read from the stream", () => {
  it("has a name of its own, so that nothing is shared by accident", () => {
    const names = entries.map(({ name }) => name);
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
  });

  it.each(entries.map(({ name, handler }) => [name, handler]))("%s has its handler on disk", (_, handler) => {
    expect(handler).toMatch(/\.handler$/);
    expect(existsSync(join(root, handler.replace(/\.handler$/, ".ts")))).toBe(true);
  });

  it("imports the key master exactly where its row says that it opens or writes personal data", () => {
    const importing = allFiles().filter((file) => file.startsWith("functions/") && readFileSync(join(root, file), "utf8").includes("/personal-data.ts"));
    const saying = [...consumers, ...schedules].flatMap((row) => ("personalData" in row ? [row.handler.replace(/\.handler$/, ".ts")] : []));
    expect(importing.sort()).toEqual(["functions/api/handler.ts", ...saying].sort());
  });

  it("listens only to domain events that core declares", () => {
    const declared = declaredTypes();
    expect(consumers.flatMap(({ on }) => on.filter((type) => !declared.includes(type)))).toEqual([]);
  });

  it("reads only entities that core declares", () => {
    const declared = coreFiles.flatMap((file) =>
      [...readFileSync(join(root, file), "utf8").matchAll(/\b(?:entity: |model\()"([a-z-]+)"/g)].map(([, name]) => name),
    );
    expect(streamReaders.flatMap(({ entities }) => entities.filter((entity) => !declared.includes(entity)))).toEqual([]);
  });
});
