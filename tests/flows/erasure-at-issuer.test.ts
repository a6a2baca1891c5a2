import { randomUUID } from "node:crypto";
import * as DataKey from "@fashionistas/core/data-key";
import * as Erasure from "@fashionistas/core/erasure";
import { startCognitoFake, type CognitoFake } from "@fashionistas/integrations/cognito/fake";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { answered, openApi, refused, type Api } from "../api/support.ts";
import { MINUTES, present, travel } from "../kit/clock.ts";
import { everything, violations } from "../kit/invariants.ts";

const POOL = "eu-west-1_Fash10n";

let api: Api;
let cognito: CognitoFake;
beforeAll(async () => {
  api = await openApi();
  const credentials = { accessKeyId: process.env["AWS_ACCESS_KEY_ID"]!, secretAccessKey: process.env["AWS_SECRET_ACCESS_KEY"]! };
  cognito = await startCognitoFake({ store: api.world.store, userPoolId: POOL, credentials });
  process.env["AUTH_USER_POOL_ID"] = POOL;
  process.env["AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER"] = cognito.url;
});
afterEach(present);
afterAll(() => cognito.close());

async function signedUp() {
  const sub = randomUUID();
  const email = `zoe-${sub}@example.com`;
  await cognito.addUser({ sub, email });
  const token = api.tokenWith({ sub, email, email_verified: true, auth_time: Math.floor(Date.now() / 1_000), origin_jti: randomUUID() });
  const { id } = await answered(api.request("GET", "/me", { token }), 200);
  return { sub, token, userId: id as string };
}

async function ended(erasureId: string): Promise<void> {
  for (let n = 0; n < 6 && (await Erasure.find(erasureId))!.phase !== "done"; n++) {
    await api.world.settle();
    travel(1 * MINUTES + 1_000);
    await api.world.runSchedule("continue-erasures");
  }
  await api.world.settle();
}

const subjects = async () => (await cognito.users()).map(({ sub }) => sub);
const dump = async () => JSON.stringify([...(await everything(api.world)).values()]);

describe("whoever asks to be forgotten", () => {
  it("is forgotten by the issuer, too, and what it called them is kept no longer than that", async () => {
    const [leaves, stays] = [await signedUp(), await signedUp()];
    const { erasureId } = await answered(api.request("DELETE", "/me", { token: leaves.token }), 202);
    expect((await Erasure.find(erasureId))!.sealedSubject).toBeDefined();
    expect(await dump()).not.toContain(leaves.sub);
    await ended(erasureId);
    expect(await subjects()).toEqual([stays.sub]);
    expect((await Erasure.find(erasureId))!.sealedSubject).toBeUndefined();
    expect(await DataKey.isKept(erasureId)).toBe(false);
    expect(await answered(api.request("GET", `/erasures/${erasureId}`, { token: api.shop.admin }), 200)).toMatchObject({ atIssuer: "forgotten" });
  });

  it("is forgotten by an issuer that was down, once it is back", async () => {
    const leaves = await signedUp();
    process.env["AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER"] = "http://127.0.0.1:1";
    const { erasureId } = await answered(api.request("DELETE", "/me", { token: leaves.token }), 202);
    await ended(erasureId);
    expect(await subjects()).toContain(leaves.sub);
    expect((await Erasure.find(erasureId))!.atIssuer).toBe("pending");
    process.env["AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER"] = cognito.url;
    await api.world.settle();
    expect(await subjects()).not.toContain(leaves.sub);
    expect((await Erasure.find(erasureId))!.atIssuer).toBe("forgotten");
  });
});

it("takes their API keys with them, whose names may be theirs", async () => {
  const subject = `organizer-${randomUUID()}`;
  const token = await api.world.tokenOf("organizer", subject);
  const key = await answered(api.request("POST", "/api-keys", { token, body: { name: "Zoe's own key", permissions: { events: "read" } } }), 201);
  const { erasureId } = await answered(api.request("DELETE", "/me", { token }), 202);
  await ended(erasureId);
  await refused(api.request("GET", "/events", { headers: { "x-api-key": key.secret } }), 401, "api_key.invalid");
  expect(await dump()).not.toContain("Zoe's own key");
});

it("leaves every journal an unbroken chain", async () => {
  await api.world.settle();
  expect(await violations(api.world)).toEqual([]);
});
