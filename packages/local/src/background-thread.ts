import { Worker } from "node:worker_threads";
import type { BackgroundData, BackgroundEnvironment, Question } from "./background.ts";

type Unnumbered<Q> = Q extends Question ? Omit<Q, "id"> : never;

export type Background = {
  environment: BackgroundEnvironment;
  passedSequence: string;
  ask<T>(question: Unnumbered<Question>): Promise<T>;
  stop(): Promise<void>;
};

/** Starts the background thread and waits until its vendors and its bus listen. */
export function startBackground(data: BackgroundData): Promise<Background> {
  const worker = new Worker(new URL("../bin/background.mjs", import.meta.url), { workerData: data });
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  let lastId = 0;
  const ask = <T>(question: Unnumbered<Question>) =>
    new Promise<T>((resolve, reject) => {
      waiting.set(++lastId, { resolve: resolve as (value: unknown) => void, reject });
      worker.postMessage({ ...question, id: lastId });
    });
  return new Promise((resolve, reject) => {
    worker.on("error", reject);
    worker.on("message", (message: { ready?: BackgroundEnvironment; passedSequence?: string; id?: number; result?: unknown; error?: string }) => {
      if (message.ready) {
        const stop = async () => {
          await ask({ ask: "close" });
          await worker.terminate();
        };
        return resolve({ environment: message.ready, passedSequence: message.passedSequence ?? "0", ask, stop });
      }
      const asked = waiting.get(message.id ?? 0);
      waiting.delete(message.id ?? 0);
      if (message.error === undefined) asked?.resolve(message.result);
      else asked?.reject(new Error(message.error));
    });
  });
}
