/** A worker thread of the store: it does one thing after the other that would hold its owner's thread up. */
import { Worker } from 'node:worker_threads';
import { z } from 'zod';
import { errorCodes, FactoryError } from '../model/errors.ts';
import type { Message } from '../model/message.ts';
import { workerFile } from '../model/workerFile.ts';
import { unpackIds } from './idLines.ts';
import type { AnswerOf, ArgumentsOf, SlowRead } from './slowReads.ts';
import { messages } from './messages.ts';

/**
 * `check`: the full check of the file, empty when it is sound. `warm`: nothing, so that the next answer is quick.
 * `writeBack`: the log goes into the file.
 */
type Asked<K> = K extends SlowRead ? AnswerOf<K> : K extends 'check' ? string[] : null;
type Given<K> = K extends SlowRead ? ArgumentsOf<K> : [];
export type QuestionName = SlowRead | 'check' | 'warm' | 'writeBack';

export interface WorkerQuestion {
  name: QuestionName;
  given: readonly unknown[];
}
export interface Request {
  number: number;
  question: WorkerQuestion;
}
export type Reply = z.infer<typeof reply>;

const told: z.ZodType<Message> = z.object({
  id: z.string(),
  text: z.string(),
  values: z.record(z.string(), z.union([z.string(), z.number(), z.lazy(() => told)])),
});
const reply = z.object({
  number: z.number(),
  answer: z.unknown(),
  error: z.object({ code: z.enum(errorCodes), told }).nullable(),
});

export interface WorkerClient {
  /**
   * Fails with `cancelled` when the signal ends it (a question that has not begun is then never answered), and
   * with what the read itself fails with. A thread that dies is started again, and asked once more.
   */
  ask<K extends QuestionName>(name: K, given: Given<K>, signal?: AbortSignal): Promise<Asked<K>>;
  /** Resolves when the thread has ended; what still waits fails with `cancelled`. */
  close(): Promise<void>;
}

interface Waiting {
  question: WorkerQuestion;
  /** How often a thread has been given it. */
  tries: number;
  resolve: (answer: unknown) => void;
  reject: (error: Error) => void;
}

const mostTries = 2;

/** `path` is the store's file; `file` the worker's, where it does not lie beside this one. The first question starts it. */
export function openWorkerClient(path: string, file?: string): WorkerClient {
  const waiting = new Map<number, Waiting>();
  let worker: Worker | null = null;
  let asking: number | null = null;
  let last = 0;
  let closed = false;

  const onMessage = async (message: unknown): Promise<void> => {
    const { number, answer, error } = reply.parse(message);
    const asked = waiting.get(number);
    waiting.delete(number);
    asking = null;
    next();
    if (error !== null) asked?.reject(new FactoryError(error.code, error.told));
    else if (asked !== undefined)
      asked.resolve(answer instanceof Uint8Array ? await unpackIds(answer) : answer);
  };

  /** The question that the thread was at may be what it died of: after a second death it fails. */
  const died = (cause: unknown): void => {
    worker = null;
    const number = asking ?? -1;
    asking = null;
    const asked = waiting.get(number);
    if (asked !== undefined && asked.tries >= mostTries) {
      waiting.delete(number);
      asked.reject(new FactoryError('unexpected', messages.readerEnded(), { cause }));
    }
    next();
  };

  const start = (): Worker => {
    const started = new Worker(file ?? workerFile(import.meta.url, './readWorker.ts'), {
      workerData: { path },
    });
    let cause: unknown = null;
    started.on('message', (message: unknown) => void onMessage(message));
    started.on('error', (error: unknown) => {
      cause = error;
    });
    started.on('exit', () => {
      if (worker === started) died(cause);
    });
    return started;
  };

  const next = (): void => {
    if (asking !== null || closed) return;
    const [first] = waiting;
    if (first === undefined) {
      // An idle thread must not keep a command alive.
      worker?.unref();
      return;
    }
    worker ??= start();
    worker.ref();
    const [number, asked] = first;
    asking = number;
    asked.tries += 1;
    const request: Request = { number, question: asked.question };
    worker.postMessage(request);
  };

  return {
    ask<K extends QuestionName>(name: K, given: Given<K>, signal?: AbortSignal): Promise<Asked<K>> {
      return new Promise((resolve, reject) => {
        const cancelled = (): FactoryError => new FactoryError('cancelled', messages.notAskedAnyMore());
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
        const over = (): void => signal?.removeEventListener('abort', abort);
        waiting.set(number, {
          question: { name, given },
          tries: 0,
          resolve: (answer) => {
            over();
            resolve(answer as Asked<K>);
          },
          reject: (error) => {
            over();
            reject(error);
          },
        });
        next();
      });
    },
    async close() {
      closed = true;
      const all = [...waiting.values()];
      waiting.clear();
      for (const { reject } of all) reject(new FactoryError('cancelled', messages.closing()));
      const ending = worker;
      worker = null;
      await ending?.terminate();
    },
  };
}
