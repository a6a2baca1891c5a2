import { optional } from "@fashionistas/core/config";

/** Swagger UI as npm publishes it; the browser checks that the files are those (subresource integrity). */
export const SWAGGER_UI_VERSION = "5.35.0";
export const INTEGRITY = {
  "swagger-ui.css": "sha384-WlYgdmXYOOBWL5apwjDEZwN+U3HmXSSu5R6V5aGxEcf7z+KuRNwBhoxKVN1i3D5I",
  "swagger-ui-bundle.js": "sha384-gjRm0bEPMeTmMh5jT2cHccIwCUZSTd8YC+j0d0sXw0MdGEfScduGpSyF3ZSSLkX9",
} as const;

const CDN = `https://cdn.jsdelivr.net/npm/swagger-ui-dist@${SWAGGER_UI_VERSION}`;

/** The documentation page. DOCS_ASSETS_URL serves Swagger UI's files from elsewhere, for example from this machine. */
export function docsPage(): string {
  const assets = optional("DOCS_ASSETS_URL", CDN);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Fashionistas API</title>
<link rel="stylesheet" href="${assets}/swagger-ui.css" integrity="${INTEGRITY["swagger-ui.css"]}" crossorigin="anonymous">
</head>
<body>
<main id="docs"><noscript>This page needs JavaScript; the same documentation is at <a href="/openapi.json">/openapi.json</a>.</noscript></main>
<script src="${assets}/swagger-ui-bundle.js" integrity="${INTEGRITY["swagger-ui-bundle.js"]}" crossorigin="anonymous"></script>
<script>SwaggerUIBundle({ url: "/openapi.json", dom_id: "#docs", deepLinking: true, defaultModelsExpandDepth: 0 });</script>
</body>
</html>`;
}
