import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { consumers } from "../../functions/consumers/manifest.ts";
import { schedules } from "../../functions/schedules/manifest.ts";
import { allFiles, nodesOf, root, sourceOf } from "./source.ts";

const entries = [...consumers, ...schedules];

/** `defineDomainEvent("order.paid", …)` anywhere in core. */
function declaredTypes(): string[] {
  const files = allFiles().filter((file) => /^packages\/core\/src\/[^/]+\/domain-events\.ts$/.test(file));
  return files.flatMap((file) =>
    nodesOf(sourceOf(file).tree)
      .filter(({ type, callee }) => type === "CallExpression" && (callee as { name?: string }).name === "defineDomainEvent")
      .map((call) => (call["arguments"] as { value: string }[])[0]!.value),
  );
}

describe("what is subscribed and scheduled", () => {
  it("has a name of its own, so that no queue is shared", () => {
    const names = entries.map(({ name }) => name);
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
  });

  it.each(entries.map(({ name, handler }) => [name, handler]))("%s has its handler on disk", (_, handler) => {
    expect(handler).toMatch(/\.handler$/);
    expect(existsSync(join(root, handler.replace(/\.handler$/, ".ts")))).toBe(true);
  });

  it("listens only to domain events that core declares", () => {
    const declared = declaredTypes();
    expect(consumers.flatMap(({ on }) => on.filter((type) => !declared.includes(type)))).toEqual([]);
  });
});
