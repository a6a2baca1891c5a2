import Database from "libsql";

/** Gives the embedded engine the index it lacks (see packages/local/src/engine.ts); no file, another engine. */
export function tune(engineFile: string): void {
  if (!engineFile) return;
  const db = new Database(engineFile, { timeout: 10_000 });
  try {
    db.exec("CREATE INDEX IF NOT EXISTS fashionistas_stream_sequence ON _stream_records(table_name, CAST(sequence_number AS INTEGER))");
  } finally {
    db.close();
  }
}
