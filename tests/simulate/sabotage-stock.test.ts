import { describe } from "vitest";
import { findsEach } from "./sabotage-check.ts";
import { ofStock } from "./sabotage-stock.ts";

describe("histories", () => {
  findsEach(ofStock);
});
