import { checkStage, corsOrigins, isAllowed } from "@fashionistas/functions/api/settings";
import { describe, expect, it } from "vitest";

describe("CORS_ORIGINS", () => {
  it("names the origins whose pages may call, to the letter", () => {
    const origins = corsOrigins(" https://shop.example.com, https://door.example.com:8443 ");
    for (const origin of ["https://shop.example.com", "https://door.example.com:8443"]) expect(isAllowed(origin, origins)).toBe(true);
    for (const origin of [
      "http://shop.example.com",
      "https://shop.example.com:8443",
      "https://shop.example.com.evil.test",
      "https://evil.test/https://shop.example.com",
      "https://sub.shop.example.com",
      "https://shop.example.com/",
      "HTTPS://SHOP.EXAMPLE.COM",
      "null",
      "",
      "*",
      "loopback",
      "http://localhost:3000",
    ])
      expect(isAllowed(origin, origins), origin).toBe(false);
  });

  it("lets nobody in when it is empty, this machine's pages with loopback, and everybody with *", () => {
    expect(isAllowed("https://shop.example.com", corsOrigins(""))).toBe(false);
    for (const origin of ["http://localhost", "http://localhost:5173", "http://127.0.0.1:8080", "http://[::1]:3000"])
      expect(isAllowed(origin, corsOrigins("loopback")), origin).toBe(true);
    for (const origin of ["https://shop.example.com", "http://localhost.evil.test", "http://127.0.0.1.evil.test", "http://127.0.0.1:80@evil.test"])
      expect(isAllowed(origin, corsOrigins("loopback")), origin).toBe(false);
    expect(isAllowed("https://anywhere.test", corsOrigins("*"))).toBe(true);
  });

  it.each([
    "shop.example.com",
    "https://shop.example.com/",
    "https://shop.example.com/path",
    "https://*.example.com/",
    "https://a@shop.example.com",
    "ftp://shop.example.com",
    "null",
    "https://",
  ])("says of what is no origin what one looks like: %s", (text) => {
    expect(() => corsOrigins(text)).toThrow("https://shop.example.com");
  });
});

describe("a stage", () => {
  it("is not built with limits or origins that mean nothing", () => {
    expect(() => checkStage({ RATE_LIMITS: "purchase=20" }, false)).toThrow("class=limit/seconds");
    expect(() => checkStage({ CORS_ORIGINS: "example.com" }, false)).toThrow("CORS_ORIGINS");
    checkStage({}, true);
  });

  it("of production names its origins one by one, over TLS", () => {
    for (const CORS_ORIGINS of ["*", "loopback", "http://shop.example.com", "https://shop.example.com,*"]) {
      expect(() => checkStage({ CORS_ORIGINS }, true), CORS_ORIGINS).toThrow("one by one");
      checkStage({ CORS_ORIGINS }, false);
    }
    checkStage({ CORS_ORIGINS: "https://shop.example.com", RATE_LIMITS: "purchase=20/60" }, true);
  });
});
