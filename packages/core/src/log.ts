/** Verbs slower than this are logged and counted (the seed's slow-query threshold). */
export const slowOperationMs = 1_000;

type Fields = Readonly<Record<string, string | number | boolean | undefined>>;

/** Where log lines go: structured, ids only. The edge installs the real sink; without one nothing is printed. */
export type LogSink = {
  info(message: string, fields?: Fields): void;
  warn(message: string, fields?: Fields): void;
  error(message: string, fields?: Fields): void;
};

const silent: LogSink = { info: () => {}, warn: () => {}, error: () => {} };
let sink: LogSink = silent;

export const log: LogSink = {
  info: (message, fields) => sink.info(message, fields),
  warn: (message, fields) => sink.warn(message, fields),
  error: (message, fields) => sink.error(message, fields),
};

/** Installs the sink of this process. */
export function setLogSink(replacement: LogSink): void {
  sink = replacement;
}
