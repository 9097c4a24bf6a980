/** The view's end of the conversation with the host. */
import type { ErrorCode } from '../engine/model/errors.ts';
import type { Remedy } from '../engine/providers/remedies.ts';
import type { Method, Notices, Params, Result, ToHost, Topic, WireError } from './protocol.ts';
import { parseToView } from './protocol.ts';

/** An error that the host answered with. */
export class RequestError extends Error {
  override readonly name = 'RequestError';
  readonly wire: WireError;

  constructor(wire: WireError) {
    super(wire.message);
    this.wire = wire;
  }
  get code(): ErrorCode {
    return this.wire.code;
  }
  get remedies(): readonly Remedy[] {
    return this.wire.remedies;
  }
}

export function isCancelled(error: unknown): boolean {
  return error instanceof RequestError && error.code === 'cancelled';
}

export interface Host {
  /** Rejects with RequestError; an aborted request rejects with `cancelled` at once. */
  request<M extends Method>(method: M, params: Params<M>, signal?: AbortSignal): Promise<Result<M>>;
  /** Answers with a function that ends it. */
  on<T extends Topic>(topic: T, listener: (body: Notices[T]) => void): () => void;
  /** What `setState` kept; survives hiding and reloading. */
  readState(): unknown;
  writeState(state: unknown): void;
}

/** How messages travel: VS Code's own API in a webview, anything alike in a test. */
export interface Wire {
  post(message: ToHost): void;
  listen(listener: (message: unknown) => void): void;
  getState(): unknown;
  setState(state: unknown): void;
}

const cancelled: WireError = { code: 'cancelled', message: 'Cancelled.', problems: [], remedies: [] };

interface Waiting {
  resolve(value: unknown): void;
  reject(error: RequestError): void;
}

/** Says that the page is ready, which must happen once, before any request. */
export function connectToHost(wire: Wire): Host {
  const waiting = new Map<number, Waiting>();
  const listeners = new Map<Topic, Set<(body: never) => void>>();
  let lastId = 0;
  let lastRev = 0;

  function dispatch<T extends Topic>(topic: T, body: Notices[T]): void {
    for (const listener of [...(listeners.get(topic) ?? [])]) (listener as (body: Notices[T]) => void)(body);
  }

  wire.listen((raw) => {
    const message = parseToView(raw);
    if (message === null) return;
    if (message.kind === 'response') {
      const asked = waiting.get(message.id);
      waiting.delete(message.id);
      if (message.ok) asked?.resolve(message.result);
      else asked?.reject(new RequestError(message.error));
      return;
    }
    const missed = message.rev !== lastRev + 1;
    lastRev = message.rev;
    for (const notice of message.notices) dispatch(notice.topic, notice.body);
    if (missed) dispatch('changed', {});
  });
  wire.post({ kind: 'ready' });

  return {
    request<M extends Method>(method: M, params: Params<M>, signal?: AbortSignal): Promise<Result<M>> {
      return new Promise((resolve, reject) => {
        if (signal?.aborted === true) {
          reject(new RequestError(cancelled));
          return;
        }
        lastId += 1;
        const id = lastId;
        const onAbort = (): void => {
          if (!waiting.delete(id)) return;
          wire.post({ kind: 'cancel', id });
          reject(new RequestError(cancelled));
        };
        signal?.addEventListener('abort', onAbort, { once: true });
        const stopListening = (): void => signal?.removeEventListener('abort', onAbort);
        waiting.set(id, {
          resolve(value) {
            stopListening();
            // Our own host answers with the type that the contract names.
            resolve(value as Result<M>);
          },
          reject(error) {
            stopListening();
            reject(error);
          },
        });
        wire.post({ kind: 'request', id, method, params });
      });
    },
    on(topic, listener) {
      const set = listeners.get(topic) ?? new Set();
      listeners.set(topic, set.add(listener));
      return () => set.delete(listener);
    },
    readState: () => wire.getState(),
    writeState: (state) => wire.setState(state),
  };
}
