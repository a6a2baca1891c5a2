import { readFileSync } from "node:fs";
import { join } from "node:path";
import { endpoints } from "@fashionistas/functions/api/endpoint";
import "@fashionistas/functions/api/app";
import { describe, expect, it } from "vitest";
import { allFiles, lineOf, root } from "./source.ts";

/** Where a pattern stands in deployed code. */
function found(pattern: RegExp): string[] {
  return allFiles()
    .filter((file) => /^(functions|packages\/(core|integrations)\/src)\//.test(file) && !/\.generated\.ts$|\/fake/.test(file))
    .flatMap((file) => {
      const text = readFileSync(join(root, file), "utf8").replace(/\/\*\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, (comment) => comment.replace(/[^\n]/g, " "));
      return [...text.matchAll(new RegExp(pattern, "gi"))].map(({ index }) => `${file}:${lineOf(text, index)}`);
    });
}

describe("deployed code", () => {
  it("neither reads nor sets a cookie: a browser would send it on behalf of any page", () => {
    expect(found(/cookie/)).toEqual([]);
  });

  it("believes no header about where a call came from, or which method it is", () => {
    expect(found(/x-forwarded|["'`]forwarded|x-real-ip|client-ip|method-override|x-original|x-rewrite/)).toEqual([]);
  });

  it("runs no text as code", () => {
    expect(found(/\beval\(|new Function\(|node:vm\b|child_process/)).toEqual([]);
  });
});

describe("every POST", () => {
  it("takes an Idempotency-Key, or says why repeating it does no harm", () => {
    const posts = endpoints.filter(({ method }) => method === "post");
    expect(posts.length).toBeGreaterThan(10);
    const both = posts.map(({ path, headers, repeating }) => ({ path, key: headers !== undefined && "Idempotency-Key" in headers.shape, repeating }));
    expect(both.filter(({ key, repeating }) => key === (repeating !== undefined)).map(({ path }) => path)).toEqual([]);
  });
});

describe("every GET", () => {
  it("takes no body and commits nothing", () => {
    expect(endpoints.filter(({ method, body, commits }) => method === "get" && (body ?? commits)).map(({ path }) => path)).toEqual([]);
  });
});
