import { afterEach, expect, it } from "vitest";
import { sentBy } from "../golden.ts";
import { setChance } from "../../../packages/core/src/chance.ts";
import { readOneOf } from "../../../packages/core/src/copy/read.ts";

afterEach(() => setChance(undefined));

const row = { crowded: true };
const opened = () =>
  readOneOf(
    "TYPE#tt_1",
    ({ crowded }: typeof row) => crowded,
    async () => row,
  );

it("1. a buyer in a crowd opens a row: the first time itself, then any of its copies", async () => {
  setChance(() => 0.75);
  expect(await sentBy(opened)).toEqual([]);
  expect(await sentBy(opened, [{ Item: { of: "TYPE#tt_1", copy: 6, row, __edb_e__: "copy", __edb_v__: "1" } }])).toMatchInlineSnapshot(`
    [
      {
        "ConsistentRead": true,
        "Key": {
          "pk": "COPY#TYPE#tt_1#6",
          "sk": "COPY",
        },
      },
    ]
  `);
});

it("1. a buyer in a crowd opens a row whose copies are gone: itself again", async () => {
  await sentBy(opened);
  expect(await sentBy(async () => expect(await opened()).toBe(row), [{}])).toHaveLength(1);
});
