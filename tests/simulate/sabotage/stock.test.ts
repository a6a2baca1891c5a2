import { describe } from "vitest";
import { findsEach } from "./check.ts";
import { ofStock } from "./stock.ts";

describe("histories", () => {
  findsEach(ofStock);
});
