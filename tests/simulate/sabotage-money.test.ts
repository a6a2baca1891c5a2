import { describe } from "vitest";
import { findsEach } from "./sabotage-check.ts";
import { ofMoney } from "./sabotage-money.ts";

describe("histories", () => {
  findsEach(ofMoney);
});
