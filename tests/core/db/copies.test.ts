import { expect, it } from "vitest";
import { readable, sentBy } from "../golden.ts";
import { Copies, COPIES, copying, readOneOf, uncopying } from "../../../packages/core/src/db/copies.ts";

const row = { name: "Front row", version: 3 };

it("1. a buyer in a crowd opens a copy of the row, once it was met", async () => {
  const read = () =>
    readOneOf<typeof row>(
      "TYPE#tt_1",
      () => true,
      async () => row,
    );
  expect(await read()).toEqual(row);
  const [sent] = await sentBy(read);
  expect(sent).toMatchObject({ ConsistentRead: true, Key: { pk: expect.stringMatching(/^COPY#TYPE#tt_1#[0-7]$/), sk: "COPY" } });
});

it("reads the row itself when it is not one for a crowd", async () => {
  expect(
    await sentBy(() =>
      readOneOf<typeof row>(
        "TYPE#tt_2",
        () => false,
        async () => row,
      ),
    ),
  ).toEqual([]);
});

it("writes every copy with the row, and removes every one of them", () => {
  expect(copying("TYPE#tt_1", row)).toHaveLength(COPIES);
  expect(uncopying("TYPE#tt_1")).toHaveLength(COPIES);
  expect(readable(Copies.put({ of: "TYPE#tt_1", copy: 3, row }).params())).toMatchInlineSnapshot(`
    {
      "Item": {
        "__edb_e__": "copy",
        "__edb_v__": "1",
        "copy": 3,
        "of": "TYPE#tt_1",
        "pk": "COPY#TYPE#tt_1#3",
        "row": {
          "name": "Front row",
          "version": 3,
        },
        "sk": "COPY",
      },
    }
  `);
});
