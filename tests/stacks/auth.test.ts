import { type Consumer, consumers } from "@fashionistas/functions/consumers/manifest";
import { App as CdkApp, Stack as CdkStack } from "aws-cdk-lib/core";
import { Template } from "aws-cdk-lib/assertions";
import type { StackContext } from "sst/constructs";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { Auth } from "../../stacks/auth.ts";
import * as Parameters from "../../stacks/parameters.ts";
import { assemble, type Assembly, grants, lambdaFor, ofType } from "./assembly.ts";

const API = "functions/api/handler.handler";
const AUTH_VARIABLES = ["AUTH_ISSUER", "AUTH_AUDIENCE", "AUTH_JWKS_URL"];
const cognito = ({ resources }: Assembly) => resources.filter(({ Type }) => Type.startsWith("AWS::Cognito::"));
const one = (assembly: Assembly, type: string) => {
  const [found, ...others] = ofType(assembly, type);
  expect(others).toEqual([]);
  return found!;
};

afterEach(() => {
  vi.unstubAllEnvs();
});

describe("a stage that names no issuer", () => {
  let production: Assembly;
  let preview: Assembly;
  beforeAll(async () => {
    preview = await assemble("preview");
    production = await assemble("production");
  }, 300_000);
  const pool = () => one(production, "AWS::Cognito::UserPool").Properties;
  const client = () => one(production, "AWS::Cognito::UserPoolClient").Properties;
  const imported = (name: string) => ({ "Fn::ImportValue": expect.stringContaining(`production-fashionistas-Auth:ExportsOutput${name}`) });

  test("gets one user pool with one client, and no pages that nobody asked for", () => {
    for (const assembly of [production, preview])
      expect(cognito(assembly).map(({ Type }) => Type)).toEqual(["AWS::Cognito::UserPool", "AWS::Cognito::UserPoolClient"]);
  });

  test("lets people in by a code to their e-mail or a passkey, and lets them join by themselves", () => {
    expect(pool()).toMatchObject({
      UserPoolTier: "ESSENTIALS",
      Policies: { SignInPolicy: { AllowedFirstAuthFactors: ["PASSWORD", "EMAIL_OTP", "WEB_AUTHN"] }, PasswordPolicy: { MinimumLength: 16 } },
      UsernameAttributes: ["email"],
      UsernameConfiguration: { CaseSensitive: false },
      AdminCreateUserConfig: { AllowAdminCreateUserOnly: false },
      MfaConfiguration: "OFF",
    });
  });

  test("takes no e-mail address for anybody's before they have confirmed it, and gives an account back by e-mail alone", () => {
    expect(pool()).toMatchObject({
      AutoVerifiedAttributes: ["email"],
      UserAttributeUpdateSettings: { AttributesRequireVerificationBeforeUpdate: ["email"] },
      AccountRecoverySetting: { RecoveryMechanisms: [{ Name: "verified_email", Priority: 1 }] },
      Schema: [
        { Name: "email", Required: true, Mutable: true },
        { Name: "phone_number", Required: false, Mutable: true },
      ],
    });
    expect(client()["WriteAttributes"]).toEqual(["email", "phone_number"]);
  });

  test("sends no SMS", () => {
    expect(pool()["SmsConfiguration"]).toBeUndefined();
    expect(ofType(production, "AWS::IAM::Role").filter(({ stack }) => stack === "Auth")).toEqual([]);
  });

  test("has a client without a secret that signs in by choice of factor alone, and tells nobody who has an account", () => {
    expect(client()).toMatchObject({ GenerateSecret: false, PreventUserExistenceErrors: "ENABLED", SupportedIdentityProviders: ["COGNITO"] });
    expect(client()["ExplicitAuthFlows"]).toEqual(["ALLOW_USER_AUTH"]);
    expect(client()["AllowedOAuthFlowsUserPoolClient"]).toBe(false);
    expect(client()["AllowedOAuthFlows"]).toBeUndefined();
  });

  test("has tokens of an hour, renewed for a month by refresh tokens that are good once and can be revoked", () => {
    expect(client()).toMatchObject({
      IdTokenValidity: 60,
      AccessTokenValidity: 60,
      RefreshTokenValidity: 30 * 24 * 60,
      TokenValidityUnits: { IdToken: "minutes", AccessToken: "minutes", RefreshToken: "minutes" },
      EnableTokenRevocation: true,
      RefreshTokenRotation: { Feature: "ENABLED", RetryGracePeriodSeconds: 60 },
    });
  });

  test("refuses to delete its users in production only", () => {
    const protection = (assembly: Assembly) => one(assembly, "AWS::Cognito::UserPool").Properties["DeletionProtection"];
    expect([protection(production), protection(preview)]).toEqual(["ACTIVE", "INACTIVE"]);
  });

  test("has its API believe that pool and that client, and nothing else", () => {
    const { environment } = lambdaFor(production, API);
    expect(environment["AUTH_ISSUER"]).toEqual(imported("FnGetAttusers"));
    expect(environment["AUTH_AUDIENCE"]).toEqual(imported("Reffrontends"));
    expect(environment["AUTH_JWKS_URL"]).toEqual({ "Fn::Join": ["", [imported("FnGetAttusers"), "/.well-known/jwks.json"]] });
  });

  test("lets nobody at its users but the consumers that forget them, and these delete and do no more", () => {
    const given = grants(production).filter(({ actions }) => actions.some((action) => action.startsWith("cognito-")));
    expect(given).toEqual(
      (consumers as readonly Consumer[])
        .filter(({ forgetsUsers }) => forgetsUsers)
        .map(({ handler }) => ({ to: handler, actions: ["cognito-idp:AdminDeleteUser"], resources: [imported("FnGetAttusers")] })),
    );
  });
});

test("a stage that names an issuer believes that one, and has nothing of Cognito", async () => {
  const ours = { AUTH_ISSUER: "https://issuer.example/", AUTH_AUDIENCE: "fashionistas" };
  const assembly = await assemble("issuer", ours);
  expect(cognito(assembly)).toEqual([]);
  expect(assembly.stacks).not.toContain("Auth");
  expect(grants(assembly).flatMap(({ actions }) => actions.filter((action) => action.startsWith("cognito-")))).toEqual([]);
  const { environment } = lambdaFor(assembly, API);
  expect(AUTH_VARIABLES.map((name) => environment[name])).toEqual(["https://issuer.example/", "fashionistas", "https://issuer.example/.well-known/jwks.json"]);
}, 300_000);

describe("the parameters of a stage", () => {
  /** `Auth` alone, as CDK writes it: none of this reaches another stack. */
  function auth(parameters: Record<string, string>) {
    for (const [name, value] of Object.entries(parameters)) vi.stubEnv(name, value);
    const stack = new CdkStack(new CdkApp(), "Auth", { env: { region: "us-east-1" } });
    Auth({ stack: Object.assign(stack, { addOutputs: () => {} }), app: { stage: "production" } } as unknown as StackContext);
    return Template.fromStack(stack);
  }
  const only = (template: Template, type: string) => {
    const [found, ...others] = Object.values(template.findResources(type));
    expect(others).toEqual([]);
    return found!["Properties"];
  };

  test("may have mail sent by SES from an address of their own", () => {
    expect(only(auth({}), "AWS::Cognito::UserPool")["EmailConfiguration"]).toEqual({ EmailSendingAccount: "COGNITO_DEFAULT" });
    expect(only(auth({ AUTH_FROM_EMAIL: "door@fashionistas.example" }), "AWS::Cognito::UserPool")["EmailConfiguration"]).toMatchObject({
      EmailSendingAccount: "DEVELOPER",
      From: "door@fashionistas.example",
    });
  });

  test("may bring passkeys to a frontend's domain", () => {
    expect(only(auth({}), "AWS::Cognito::UserPool")["WebAuthnRelyingPartyID"]).toBeUndefined();
    expect(only(auth({ AUTH_PASSKEY_DOMAIN: "fashionistas.example" }), "AWS::Cognito::UserPool")).toMatchObject({
      WebAuthnRelyingPartyID: "fashionistas.example",
      WebAuthnUserVerification: "required",
    });
  });

  test("may open Cognito's own pages, which answer with a code to the named addresses alone, and keep passkeys", () => {
    const template = auth({ AUTH_DOMAIN_PREFIX: "our-door", AUTH_CALLBACK_URLS: "https://fashionistas.example/in, http://localhost:5173/in" });
    const callbacks = ["https://fashionistas.example/in", "http://localhost:5173/in"];
    expect(only(template, "AWS::Cognito::UserPoolClient")).toMatchObject({
      AllowedOAuthFlowsUserPoolClient: true,
      AllowedOAuthFlows: ["code"],
      CallbackURLs: callbacks,
      LogoutURLs: callbacks,
    });
    expect(only(template, "AWS::Cognito::UserPoolDomain")).toMatchObject({ Domain: "our-door", ManagedLoginVersion: 2 });
    expect(only(template, "AWS::Cognito::ManagedLoginBranding")).toMatchObject({ UseCognitoProvidedValues: true });
    expect(only(template, "AWS::Cognito::UserPool")["WebAuthnRelyingPartyID"]).toBe("our-door.auth.us-east-1.amazoncognito.com");
  });

  test.each([
    [{ AUTH_AUDIENCE: "fashionistas" }, "AUTH_ISSUER"],
    [{ AUTH_JWKS_URL: "https://issuer.example/keys" }, "AUTH_ISSUER"],
    [{ AUTH_ISSUER: "https://issuer.example" }, "AUTH_AUDIENCE"],
    [{ AUTH_DOMAIN_PREFIX: "our-door" }, "AUTH_CALLBACK_URLS"],
    [{ AUTH_CALLBACK_URLS: "https://fashionistas.example/in" }, "AUTH_DOMAIN_PREFIX"],
  ])("that make no sense together (%o) end the build with a sentence that names %s", (parameters, missing) => {
    for (const name of AUTH_VARIABLES) vi.stubEnv(name, "");
    for (const [name, value] of Object.entries(parameters)) vi.stubEnv(name, value);
    expect(() => Parameters.issuer() ?? Parameters.userPool()).toThrow(missing);
  });

  test("may say where the issuer keeps its keys", () => {
    vi.stubEnv("AUTH_ISSUER", "https://issuer.example");
    vi.stubEnv("AUTH_AUDIENCE", "fashionistas");
    vi.stubEnv("AUTH_JWKS_URL", "https://keys.example/jwks");
    expect(Parameters.issuer()?.["AUTH_JWKS_URL"]).toBe("https://keys.example/jwks");
  });
});
