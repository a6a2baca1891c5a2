/** The repository's TypeScript as the tests of this folder read it: files, their syntax trees and what they import. */
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
// dependency-cruiser cannot read TypeScript 7, whose compiler has no API; vitest brings a parser that can.
import { parseAst } from "vitest/node";

export const root = fileURLToPath(new URL("../..", import.meta.url));

export type Node = { type: string; start: number; [key: string]: unknown };
export type Source = { file: string; text: string; tree: Node };
/** `target` is a path of the repository, `npm:<package>` or `node:<module>`. */
export type Import = { file: string; line: number; target: string; names: string[] };

/** Every TypeScript file of the repository, as a path from its root. */
export function allFiles(): string[] {
  return ["packages", "functions", "stacks", "tests"]
    .flatMap(filesBelow)
    .concat("sst.config.ts")
    .filter((path) => path.endsWith(".ts"));
}

function filesBelow(folder: string): string[] {
  const entries = readdirSync(join(root, folder), { withFileTypes: true }).filter(({ name }) => name !== "node_modules");
  return entries.flatMap((entry) => (entry.isDirectory() ? filesBelow(join(folder, entry.name)) : join(folder, entry.name)));
}

export function sourceOf(file: string): Source {
  const text = readFileSync(join(root, file), "utf8");
  return { file, text, tree: parseAst(text, { lang: "ts" }) as unknown as Node };
}

export function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length;
}

/** Every node below, in no particular order. */
export function nodesOf(tree: unknown): Node[] {
  const nodes: Node[] = [];
  const open: unknown[] = [tree];
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (value === null || typeof value !== "object") continue;
    if ("type" in value) nodes.push(value as Node);
    for (const child of Object.values(value)) if (child !== undefined) open.push(child);
  }
  return nodes;
}

const IMPORTING = new Set(["ImportDeclaration", "ExportNamedDeclaration", "ExportAllDeclaration", "ImportExpression", "TSImportType"]);

/** Everything a file imports: values, types, re-exports and `import()` with a constant. */
export function importsOf({ file, text, tree }: Source): Import[] {
  return nodesOf(tree).flatMap((node) => {
    const specifier = IMPORTING.has(node.type) ? (node["source"] as { value?: unknown } | null)?.value : undefined;
    if (typeof specifier !== "string") return [];
    const names = ((node["specifiers"] ?? []) as { type: string; imported?: { name?: string } }[]).map(({ type, imported }) => imported?.name ?? type);
    return [{ file, line: lineOf(text, node.start), target: targetOf(file, specifier), names }];
  });
}

function targetOf(file: string, specifier: string): string {
  if (specifier.startsWith("node:")) return specifier;
  if (specifier.startsWith(".")) return join(dirname(file), specifier);
  if (!specifier.startsWith("@fashionistas/")) return `npm:${specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/")}`;
  try {
    return relative(root, createRequire(join(root, file)).resolve(specifier));
  } catch {
    return specifier; // tsc says that it does not exist
  }
}
