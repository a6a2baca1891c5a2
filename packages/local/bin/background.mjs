// The background thread: see src/background.ts.
const { register } = await import("tsx/esm/api");
register();
await import("../src/background.ts");
