import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

/** What the page at /_local/ promises without a browser: it trusts no data, stays on this machine, and calls what is there. */
const root = new URL("../../", import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), "utf8");
const html = read("packages/local/src/page/index.html");
const css = read("packages/local/src/page/page.css");
const script = read("packages/local/src/page/page.js");

const all = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map((match) => match[1]!);

describe("data", () => {
  it("becomes text, never markup or code", () => {
    expect(script).not.toMatch(
      /innerHTML|outerHTML|insertAdjacentHTML|document\.write|createContextualFragment|DOMParser|\beval\(|new Function|srcdoc|\.on[a-z]+\s*=/,
    );
    expect(html).not.toMatch(/\son[a-z]+=|javascript:|\sstyle=/);
  });

  it("could not become any even by mistake: the browser is told so", () => {
    const policy = /http-equiv="Content-Security-Policy"\s+content="([^"]+)"/.exec(html)?.[1] ?? "";
    for (const rule of ["default-src 'none'", "script-src 'self'", "style-src 'self'", "require-trusted-types-for 'script'"])
      expect(policy.split("; ")).toContain(rule);
    expect(policy).not.toMatch(/unsafe|\s\*|https?:/);
  });
});

describe("the page stays on this machine", () => {
  it("names no other host", () => {
    const hosts = [html, css, script].flatMap((text) => all(text, /\/\/([\w-]+(?:\.[\w-]+)+|localhost)/g));
    expect(hosts.filter((host) => host !== "127.0.0.1" && host !== "localhost")).toEqual([]);
    expect(css).not.toMatch(/@import|@font-face|url\(/);
  });

  it("loads only files that the local server has", () => {
    const loaded = all(html, /(?:src|rel="stylesheet" href)="([^"]+)"/g);
    expect(loaded.toSorted()).toEqual(["/_local/page.css", "/_local/page.js"]);
    for (const path of loaded) expect(localRoutes()).toContain(`GET ${path}`);
    expect(script).not.toMatch(/\bimport\b/);
  });

  it("links to what is there", () => {
    const [places, pages] = [all(html, /href="#([^"]+)"/g), all(html, /<a[^>]* href="(\/[^"]*)"/g)];
    expect(places.filter((id) => !html.includes(`id="${id}"`))).toEqual([]);
    expect([...new Set(pages)].toSorted()).toEqual(["/docs", "/openapi.json"]);
    for (const page of pages) expect(read("functions/api/app.ts")).toContain(`app.get("${page}"`);
  });
});

describe("every call", () => {
  it("goes to a route of the API or of the local server", () => {
    const called = calls();
    expect(called).toContain("POST /tickets/{}/purchase");
    expect(called).toContain("POST /orders/{}/pay");
    expect(called).toContain("POST /_local/pay");
    const routes = [...apiRoutes(), ...localRoutes()];
    expect(called.filter((route) => !routes.includes(route))).toEqual([]);
    // Nothing reaches the network past `call`, but for the socket whose address the API gives.
    expect(all(script, /\b(fetch|XMLHttpRequest|EventSource|sendBeacon)\(/g)).toEqual(["fetch"]);
    expect(all(script, /new WebSocket\(([^)]*)\)/g)).toEqual(["value.url"]);
  });
});

describe("the document", () => {
  it("says its language, title and landmarks, in an order of headings", () => {
    expect(html).toMatch(/<html lang="en">/);
    expect(/<title>([^<]+)<\/title>/.exec(html)?.[1]?.trim()).toBeTruthy();
    for (const landmark of ["header", "nav", "main", "footer"]) expect(html).toMatch(new RegExp(`<${landmark}[\\s>]`));
    expect(all(html, /<(h1)[\s>]/g)).toHaveLength(1);
    const levels = all(html, /<h([1-6])[\s>]/g).map(Number);
    expect(levels.filter((level, n) => level > (levels[n - 1] ?? 0) + 1)).toEqual([]);
    for (const id of all(html, /<section[^>]* aria-labelledby="([^"]+)"/g)) expect(html).toMatch(new RegExp(`<h[2-4][^>]* id="${id}"`));
    expect(all(html, /(<section)/g)).toHaveLength(all(html, /<section[^>]* aria-labelledby="([^"]+)"/g).length);
  });

  it("labels every control and types every button", () => {
    const labelled = new Set(all(html, /<label[^>]* for="([^"]+)"/g));
    const wrapped = /<label[^>]*><input id="whatsapp"/.test(html) ? ["whatsapp"] : [];
    const controls = all(html, /<(?:input|select|textarea)[^>]* id="([^"]+)"/g);
    expect(controls.filter((id) => !labelled.has(id) && !wrapped.includes(id))).toEqual([]);
    expect(all(html, /(<button(?![^>]* type=)[^>]*>)/g)).toEqual([]);
  });

  it("announces what changes, and keeps still for those who want that", () => {
    for (const id of ["health", "live", "order-status", "announcer"]) expect(html).toMatch(new RegExp(`id="${id}"[^>]*role="status"`));
    for (const id of ["notice", "purchase-problem", "order-problem"]) expect(html).toMatch(new RegExp(`id="${id}"[^>]*role="alert"`));
    expect(css).toContain("prefers-reduced-motion: reduce");
  });

  it("has every element and template that the script looks for, once", () => {
    const ids = all(html, /\sid="([^"]+)"/g);
    expect(ids.filter((id, n) => ids.indexOf(id) !== n)).toEqual([]);
    expect(all(script, /(?:byId|copyOf)\("([^"]+)"\)/g).filter((id) => !ids.includes(id))).toEqual([]);
    const slots = all(html, /data-slot="([^"]+)"/g);
    expect(all(script, /\bslots\.(\w+)/g).filter((slot) => !slots.includes(slot))).toEqual([]);
  });
});

describe("contrast", () => {
  const palettes = { light: paletteOf(css.slice(0, css.indexOf("@media"))), dark: paletteOf(css.slice(css.indexOf("@media (prefers-color-scheme: dark)"))) };

  it.each(Object.entries(palettes))("%s: texts 4.5 to 1, edges of controls 3 to 1", (_, colour) => {
    for (const text of ["ink", "soft", "accent"])
      for (const ground of ["paper", "tint"]) expect(contrast(colour[text]!, colour[ground]!), `${text} on ${ground}`).toBeGreaterThanOrEqual(4.5);
    expect(contrast(colour["ink"]!, colour["wash"]!), "ink on wash").toBeGreaterThanOrEqual(4.5);
    expect(contrast(colour["edge"]!, colour["paper"]!), "edge on paper").toBeGreaterThanOrEqual(3);
  });
});

/** The routes that the script calls, variables as {}: `${path()}` is the order's own path. */
function calls(): string[] {
  const written = [...script.matchAll(/\bcall\("(\w+)",\s*(?:"([^"]+)"|`([^`]+)`|(path\(\)))/g)];
  expect(written).toHaveLength(all(script, /[^\w](call\()(?!method)/g).length);
  return written.map(
    ([, method, plain, template, own]) =>
      `${method} ${(plain ?? template ?? `\${${own}}`)
        .replace("${path()}", "/orders/{}")
        .replace(/\$\{[^}]*\}/g, "{}")
        .replace(/\?.*$/, "")}`,
  );
}

/** What the API's document says there is, variables as {}. */
function apiRoutes(): string[] {
  const { paths } = JSON.parse(read("functions/api/openapi.json")) as { paths: Record<string, Record<string, unknown>> };
  return Object.entries(paths).flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replace(/\{\w+\}/g, "{}")}`));
}

function localRoutes(): string[] {
  return all(read("packages/local/src/local-routes.ts"), /route === "(\w+ [^"]+)"/g);
}

function paletteOf(text: string): Record<string, string> {
  const block = text.slice(text.indexOf(":root"), text.indexOf("}", text.indexOf(":root")));
  return Object.fromEntries([...block.matchAll(/--(\w+): (#[0-9a-f]{6});/g)].map(([, name, value]) => [name!, value!]));
}

/** WCAG 2.2: (lighter + 0.05) ÷ (darker + 0.05). */
function contrast(one: string, other: string): number {
  const luminance = (colour: string) => {
    const [r, g, b] = [1, 3, 5]
      .map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
  };
  const [darker, lighter] = [luminance(one), luminance(other)].toSorted((a, b) => a - b);
  return (lighter! + 0.05) / (darker! + 0.05);
}
