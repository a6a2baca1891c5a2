import { createHash } from "node:crypto";
import { optional } from "@fashionistas/core/config";

/** Swagger UI as npm publishes it; the browser checks that the files are those (subresource integrity). */
export const SWAGGER_UI_VERSION = "5.35.0";
export const INTEGRITY = {
  "swagger-ui.css": "sha384-WlYgdmXYOOBWL5apwjDEZwN+U3HmXSSu5R6V5aGxEcf7z+KuRNwBhoxKVN1i3D5I",
  "swagger-ui-bundle.js": "sha384-gjRm0bEPMeTmMh5jT2cHccIwCUZSTd8YC+j0d0sXw0MdGEfScduGpSyF3ZSSLkX9",
} as const;

const CDN = `https://cdn.jsdelivr.net/npm/swagger-ui-dist@${SWAGGER_UI_VERSION}`;

const START = `SwaggerUIBundle({ url: "/openapi.json", dom_id: "#docs", deepLinking: true, defaultModelsExpandDepth: 0 });`;

export const DOCS_HEADERS = {
  "cache-control": "public, max-age=300",
  "cross-origin-opener-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
};

/** What the documentation page may load: Swagger UI's files, this API, and its one script, known by its hash. */
export function docsPolicy(): string {
  const source = /^https?:/.test(assets()) ? `${assets()}/` : "'self'";
  const start = createHash("sha256").update(START).digest("base64");
  return [
    "default-src 'none'",
    `script-src ${source} 'sha256-${start}'`,
    `style-src ${source}`,
    "img-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}

/** DOCS_ASSETS_URL serves Swagger UI's files from elsewhere, for example from this machine: an address, and nothing that could be more in a page or a policy. */
function assets(): string {
  const url = optional("DOCS_ASSETS_URL", CDN);
  if (!/^[\w:/.@-]+$/.test(url)) throw new Error(`DOCS_ASSETS_URL must be a URL or a path, not "${url}"`);
  return url;
}

/** The documentation page. */
export function docsPage(): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Fashionistas API</title>
<link rel="stylesheet" href="${assets()}/swagger-ui.css" integrity="${INTEGRITY["swagger-ui.css"]}" crossorigin="anonymous">
</head>
<body>
<main id="docs"><noscript>This page needs JavaScript; the same documentation is at <a href="/openapi.json">/openapi.json</a>.</noscript></main>
<script src="${assets()}/swagger-ui-bundle.js" integrity="${INTEGRITY["swagger-ui-bundle.js"]}" crossorigin="anonymous"></script>
<script>${START}</script>
</body>
</html>`;
}
