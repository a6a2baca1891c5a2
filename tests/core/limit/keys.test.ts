import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { expect, it } from "vitest";
import { sentBy } from "../golden.ts";
import { giveBack } from "../../../packages/core/src/limit/give-back.ts";
import { keep } from "../../../packages/core/src/limit/keep.ts";
import { read } from "../../../packages/core/src/limit/read.ts";
import { takeBack } from "../../../packages/core/src/limit/take-back.ts";
import { take } from "../../../packages/core/src/limit/take.ts";

const share = { scope: "tt_1", key: "per_1", q: 2 };

it("1. an order takes its share", async () => {
  expect(await sentBy(() => take(share, "ord_1", 4, 1_793_610_900))).toMatchInlineSnapshot(`
    [
      {
        "ConditionExpression": "attribute_not_exists(pk) AND attribute_not_exists(sk)",
        "Item": {
          "__edb_e__": "limit",
          "__edb_v__": "1",
          "claims": {
            "ord_1": {
              "e": 1793610900,
              "q": 2,
            },
          },
          "key": "per_1",
          "pk": "LIMIT#tt_1#per_1",
          "scope": "tt_1",
          "sk": "LIMIT",
          "taken": 2,
        },
      },
    ]
  `);
});

it("1. an order takes its share, when the person has bought before", async () => {
  const begun = new ConditionalCheckFailedException({ message: "begun", $metadata: {} });
  const [, ...sent] = await sentBy(() => take(share, "ord_1", 4, 1_793_610_900), [begun]);
  expect(sent).toMatchInlineSnapshot(`
    [
      {
        "ConditionExpression": "attribute_exists(pk) AND attribute_exists(sk) AND taken <= 2 AND attribute_not_exists(claims.ord_1)",
        "Key": {
          "pk": "LIMIT#tt_1#per_1",
          "sk": "LIMIT",
        },
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        "UpdateExpression": "SET claims.ord_1 = {"q":2,"e":1793610900}, scope = "tt_1", key = "per_1", __edb_e__ = "limit", __edb_v__ = "1" ADD taken 2",
      },
    ]
  `);
});

it("2. an order that ended gives it back", async () => {
  expect(await sentBy(() => giveBack(share, "ord_1"))).toMatchInlineSnapshot(`
    [
      {
        "ConditionExpression": "attribute_exists(pk) AND attribute_exists(sk) AND claims.ord_1.q = 2 AND attribute_not_exists(claims.ord_1.k)",
        "Key": {
          "pk": "LIMIT#tt_1#per_1",
          "sk": "LIMIT",
        },
        "UpdateExpression": "SET taken = (if_not_exists(taken, 0) - 2), scope = "tt_1", key = "per_1", __edb_e__ = "limit", __edb_v__ = "1" REMOVE claims.ord_1",
      },
    ]
  `);
});

it("3. a quote asks how many are taken", async () => {
  expect(await sentBy(() => read(share))).toMatchInlineSnapshot(`
    [
      {
        "ConsistentRead": true,
        "Key": {
          "pk": "LIMIT#tt_1#per_1",
          "sk": "LIMIT",
        },
      },
    ]
  `);
});

const refused = () => new ConditionalCheckFailedException({ message: "absent", $metadata: {} });

it("4. an order paid while, or after, it ended keeps its share", async () => {
  expect(await sentBy(() => keep(share, "ord_1"), [refused()])).toMatchInlineSnapshot(`
    [
      {
        "ConditionExpression": "attribute_exists(pk) AND attribute_exists(sk) AND claims.ord_1.q = 2",
        "Key": {
          "pk": "LIMIT#tt_1#per_1",
          "sk": "LIMIT",
        },
        "UpdateExpression": "SET claims.ord_1.k = true, scope = "tt_1", key = "per_1", __edb_e__ = "limit", __edb_v__ = "1"",
      },
      {
        "ConditionExpression": "attribute_exists(pk) AND attribute_exists(sk) AND attribute_not_exists(claims.ord_1)",
        "Key": {
          "pk": "LIMIT#tt_1#per_1",
          "sk": "LIMIT",
        },
        "UpdateExpression": "SET claims.ord_1 = {"q":2,"e":0,"k":true}, scope = "tt_1", key = "per_1", __edb_e__ = "limit", __edb_v__ = "1" ADD taken 2",
      },
    ]
  `);
});

it("5. an order that never has tickets any more has no share for ever", async () => {
  expect(await sentBy(() => takeBack(share, "ord_1"), [refused()])).toMatchInlineSnapshot(`
    [
      {
        "ConditionExpression": "attribute_exists(pk) AND attribute_exists(sk) AND claims.ord_1.q = 2",
        "Key": {
          "pk": "LIMIT#tt_1#per_1",
          "sk": "LIMIT",
        },
        "UpdateExpression": "SET taken = (if_not_exists(taken, 0) - 2), claims.ord_1 = {"q":0,"e":0,"k":true}, scope = "tt_1", key = "per_1", __edb_e__ = "limit", __edb_v__ = "1"",
      },
      {
        "ConditionExpression": "attribute_exists(pk) AND attribute_exists(sk) AND attribute_not_exists(claims.ord_1)",
        "Key": {
          "pk": "LIMIT#tt_1#per_1",
          "sk": "LIMIT",
        },
        "UpdateExpression": "SET claims.ord_1 = {"q":0,"e":0,"k":true}, scope = "tt_1", key = "per_1", __edb_e__ = "limit", __edb_v__ = "1"",
      },
    ]
  `);
});

it("4. and 5. end when the other one was faster", async () => {
  const always = () => Array.from({ length: 8 }, refused);
  expect(await sentBy(() => keep(share, "ord_1"), always())).toHaveLength(4);
  expect(await sentBy(() => takeBack(share, "ord_1"), always())).toHaveLength(4);
});
