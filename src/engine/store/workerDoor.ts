/** The store's worker thread: it answers one question after the other from a connection that only reads. */
import { Worker } from 'node:worker_threads';
import { z } from 'zod';
import { errorCodes, FactoryError } from '../model/errors.ts';
import type { ImageCounts, ImageFilter } from '../model/image.ts';

/** What can be asked, and what is answered. */
export interface Answers {
  /** The full check of the file; empty when it is sound. */
  check: { question: { kind: 'check' }; answer: string[] };
  counts: { question: { kind: 'counts'; filter: ImageFilter }; answer: ImageCounts };
}
export type Question = Answers[keyof Answers]['question'];
export interface Asked {
  number: number;
  question: Question;
}

const reply = z.object({
  number: z.number(),
  answer: z.unknown(),
  error: z.object({ code: z.enum(errorCodes), message: z.string() }).nullable(),
});

export interface WorkerDoor {
  /** Fails with `cancelled` when the signal ends it; a question that has not begun is then never answered. */
  ask<K extends keyof Answers>(
    question: Extract<Question, { kind: K }>,
    signal?: AbortSignal,
  ): Promise<Answers[K]['answer']>;
  close(): void;
}

interface Waiting {
  question: Question;
  resolve: (answer: never) => void;
  reject: (error: unknown) => void;
}

/** Beside this file in a checkout; at the root of the bundle, whose chunks lie a folder below. */
function ownWorker(here: string): URL {
  if (here.endsWith('.ts')) return new URL('./countWorker.ts', here);
  return new URL(here.includes('/chunks/') ? '../countWorker.js' : './countWorker.js', here);
}

/** `path` is the store's file. The thread starts with the first question. */
export function openWorkerDoor(path: string, file: string | undefined): WorkerDoor {
  const waiting = new Map<number, Waiting>();
  let worker: Worker | null = null;
  let asking: number | null = null;
  let last = 0;
  let closed = false;

  const end = (error: unknown): void => {
    worker = null;
    asking = null;
    const all = [...waiting.values()];
    waiting.clear();
    for (const { reject } of all) reject(error);
  };

  const start = (): Worker => {
    const started = new Worker(file ?? ownWorker(import.meta.url), {
      workerData: { path },
    });
    started.on('message', (message: unknown) => {
      const { number, answer, error } = reply.parse(message);
      const asked = waiting.get(number);
      waiting.delete(number);
      asking = null;
      if (error === null) asked?.resolve(answer as never);
      else asked?.reject(new FactoryError(error.code, error.message));
      next();
    });
    started.on('error', (error) => {
      if (worker === started) end(error);
    });
    started.on('exit', () => {
      if (worker === started)
        end(new FactoryError('unexpected', 'The thread that counts in the store has ended.'));
    });
    return started;
  };

  const next = (): void => {
    if (asking !== null) return;
    const [first] = waiting;
    if (first === undefined) {
      // An idle thread must not keep a command alive.
      worker?.unref();
      return;
    }
    worker ??= start();
    worker.ref();
    const [number, { question }] = first;
    asking = number;
    const asked: Asked = { number, question };
    worker.postMessage(asked);
  };

  return {
    ask(question, signal) {
      return new Promise((resolve, reject) => {
        const cancelled = (): FactoryError =>
          new FactoryError('cancelled', 'The question is no longer asked.');
        if (closed || signal?.aborted === true) {
          reject(cancelled());
          return;
        }
        const number = (last += 1);
        const abort = (): void => {
          waiting.delete(number);
          reject(cancelled());
        };
        signal?.addEventListener('abort', abort, { once: true });
        const over =
          <T>(then: (value: T) => void) =>
          (value: T): void => {
            signal?.removeEventListener('abort', abort);
            then(value);
          };
        waiting.set(number, { question, resolve: over(resolve), reject: over(reject) });
        next();
      });
    },
    close() {
      closed = true;
      const ending = worker;
      end(new FactoryError('cancelled', 'The store is being closed.'));
      void ending?.terminate();
    },
  };
}
