import { describe } from "vitest";
import { findsEach } from "./check.ts";
import { ofMoney } from "./money.ts";

describe("histories", () => {
  findsEach(ofMoney);
});
