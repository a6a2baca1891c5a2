#!/usr/bin/env node
// Runs the TypeScript sources as they are. The AWS SDK's notice about Node 20 is known: its versions are pinned.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
const { register } = await import("tsx/esm/api");
register();
await import("../src/main.ts");
