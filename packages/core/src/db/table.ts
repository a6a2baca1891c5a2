/**
 * Key and index names of the one table: the single source for the stacks and for the local engine.
 * What each index answers is written in the header of every `entity.ts`.
 */
export const TABLE_KEYS = { pk: "pk", sk: "sk" } as const;

/** Global secondary indexes, all with string keys and every attribute projected. */
export const TABLE_INDEXES = {
  gsi1: { pk: "gsi1pk", sk: "gsi1sk" },
  gsi2: { pk: "gsi2pk", sk: "gsi2sk" },
  gsi3: { pk: "gsi3pk", sk: "gsi3sk" },
  gsi4: { pk: "gsi4pk", sk: "gsi4sk" },
} as const;

/** Epoch seconds after which DynamoDB may collect an item: garbage collection only, never a rule. */
export const TTL_ATTRIBUTE = "ttl";

/** The attribute in which ElectroDB keeps an item's entity name: what stream filters match on. */
export const ENTITY_ATTRIBUTE = "__edb_e__";
