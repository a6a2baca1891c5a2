/** The admin API as the command line calls it. */
export type AdminApi = { baseUrl: string; call<T>(method: "GET" | "POST", path: string, body?: object): Promise<T> };

/** Something the person at the keyboard can mend: told in one sentence, without a stack. */
export class UserError extends Error {
  override readonly name = "UserError";
}

const CALL_MS = 60_000;
const LOOPBACK = /^(127\.\d+\.\d+\.\d+|localhost|\[::1\])$/;

/**
 * Opens the API at `api` (API_URL, else the local server) with `token` (API_TOKEN). On this machine it takes a token by itself.
 * @throws UserError when nobody answers there, or a token is needed
 */
export async function adminApi({ api, token }: { api?: string | undefined; token?: string | undefined }): Promise<AdminApi> {
  const baseUrl = (api ?? process.env["API_URL"] ?? "http://127.0.0.1:3000").replace(/\/$/, "");
  const bearer = token ?? process.env["API_TOKEN"] ?? (await localToken(baseUrl));
  return {
    baseUrl,
    async call<T>(method: "GET" | "POST", path: string, body?: object): Promise<T> {
      const headers = { authorization: `Bearer ${bearer}`, ...(body ? { "content-type": "application/json" } : {}) };
      return (await asked(`${baseUrl}${path}`, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) })) as T;
    },
  };
}

async function localToken(baseUrl: string): Promise<string> {
  if (!LOOPBACK.test(new URL(baseUrl).hostname)) throw new UserError("Give an admin's bearer token: --token, or API_TOKEN in the environment.");
  const { token } = (await asked(`${baseUrl}/_local/token`, { method: "POST", body: '{"role":"admin"}' })) as { token: string };
  return token;
}

async function asked(url: string, request: RequestInit): Promise<unknown> {
  const response = await fetch(url, { ...request, signal: AbortSignal.timeout(CALL_MS) }).catch((error: unknown) => {
    throw new UserError(
      `Nobody answers at ${new URL(url).origin} (${error instanceof Error ? error.name : "no answer"}). Start it with pnpm dev, or name another one with --api.`,
    );
  });
  const text = await response.text();
  const body = /json/.test(response.headers.get("content-type") ?? "") ? (JSON.parse(text) as Record<string, unknown>) : {};
  if (response.ok) return body;
  throw new UserError(`${response.status} ${String(body["code"] ?? "")}: ${String(body["detail"] ?? text.slice(0, 200))}`);
}

const UNITS: Record<string, number> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `2h`, `30m` and `7d` are so long ago; anything else is an instant. @throws UserError */
export function instantOf(text: string, now: number): string {
  const [, count, unit] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  const ms = count && unit ? now - Number(count) * UNITS[unit]! : Date.parse(text);
  if (Number.isNaN(ms)) throw new UserError(`"${text}" is no instant: give one like 2h, 30m, 7d or 2026-11-02T09:00:00Z.`);
  return new Date(ms).toISOString();
}

/** Where a command writes: results to `out`, progress to `err`. */
export type Terminal = { out(text: string): void; err(text: string): void; bar: boolean };

export const terminal: Terminal = {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  bar: process.stderr.isTTY === true,
};

/** Runs a command; what the user can mend is one line on stderr. @returns the exit code, 2 for the user's own mistakes */
export async function run(work: () => Promise<number>, { err }: Terminal): Promise<number> {
  try {
    return await work();
  } catch (error) {
    const theirs = error instanceof UserError || String((error as { code?: string }).code).startsWith("ERR_PARSE_ARGS");
    if (!theirs) throw error;
    err(`${(error as Error).message}\n`);
    return 2;
  }
}
