import { write, type Write } from "../db/transact.ts";
import { COPIES, Copies } from "./entity.ts";

const ALL = Array.from({ length: COPIES }, (_, copy) => copy);

/** Writes the copies of a row as part of the caller's transaction, whose condition says what the row was. */
export function copying(of: string, row: object): Write[] {
  return ALL.map((copy) => write(Copies.put({ of, copy, row })));
}

/** Removes the copies as part of the caller's transaction. */
export function uncopying(of: string): Write[] {
  return ALL.map((copy) => write(Copies.delete({ of, copy })));
}
