/**
 * Who sees everything that a history does: what the product logs, what it hands to the bus, and how each of its errors is to
 * be explained. An error that no fault explains is a violation.
 */
import { setLogSink, type LogSink } from "@fashionistas/core/log";
import { bus } from "@fashionistas/functions/streams/publish";
import type { Simulation } from "../../kit/simulation/index.ts";

type Fields = Parameters<LogSink["warn"]>[1];

/** What a fault looks like from inside, and what of it may be overlapping work instead of a fault. */
const FAULTS =
  /TimeoutError|Request timed out|ProvisionedThroughputExceeded|provisioned throughput|throttl|TransactionConflict|Transaction is ongoing|Transaction cancelled|StripeConnectionError|StripeAPIError|broken by chance|ElectroError undefined/i;

export class Witness {
  readonly beganMs: number;
  /** Errors that nothing explains. */
  readonly unexplained: string[] = [];
  /** Ids of domain events that the bus took. */
  readonly taken = new Set<string>();
  /** How often each message was logged. */
  readonly logged = new Map<string, number>();
  readonly #simulation: Simulation;
  readonly #faulty: boolean;

  /** `faulty`: do faults happen, so that they explain errors? */
  constructor(simulation: Simulation, faulty: boolean) {
    this.#simulation = simulation;
    this.#faulty = faulty;
    this.beganMs = simulation.now();
  }

  /** Looks from here on. @returns how to stop */
  watch(): () => void {
    setLogSink({ info: () => {}, warn: (message, fields) => this.#log(message, fields), error: (message, fields) => this.#log(message, fields) });
    bus.middlewareStack.add(
      (next) => async (args) => {
        const result = await next(args);
        const { Entries: entries = [] } = args.input as { Entries?: { Detail: string }[] };
        const { Entries: answers = [] } = result.output as { Entries?: { EventId?: string }[] };
        entries.forEach(({ Detail }, n) => answers[n]?.EventId && this.taken.add((JSON.parse(Detail) as { id: string }).id));
        return result;
      },
      { step: "initialize", name: "witness", priority: "high", override: true },
    );
    return () => {
      bus.middlewareStack.remove("witness");
      setLogSink({ info: () => {}, warn: () => {}, error: () => {} });
    };
  }

  /** Notes an error that somebody got. */
  blame(what: string, error: unknown): void {
    const { name, message } = error instanceof Error ? error : { name: typeof error, message: String(error) };
    if (this.#isExplained(`${name} ${message}`)) return;
    this.unexplained.push(`${what}: ${name}: ${message.split("\n")[0]}`);
  }

  #log(message: string, fields: Fields = {}): void {
    this.logged.set(message, (this.logged.get(message) ?? 0) + 1);
    const { error, reason } = fields;
    if (error === undefined) return;
    const at = this.#simulation.now() - this.beganMs;
    this.#simulation.trace.add(at, `!! ${message} ${String(error)} ${String(reason ?? "")}`);
    // A verb's own refusal, told by its code.
    if (error === "VisibleError" || /^[a-z_]+\.[a-z_]+$/.test(String(error))) return;
    if (!this.#isExplained(`${String(error)} ${String(reason)}`)) this.unexplained.push(`${message}: ${String(error)}: ${String(reason)}`);
  }

  #isExplained(words: string): boolean {
    return this.#faulty && FAULTS.test(words);
  }
}
