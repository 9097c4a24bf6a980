/** One view's conversation: parsed requests in, exactly one answer each, notices in batches. Knows nothing of VS Code. */
import { toFactoryError } from '../../engine/model/errors.ts';
import { inWords } from '../../engine/model/message.ts';
import { remediesFor } from '../../engine/providers/remedies.ts';
import type { Handlers, Method, Notice, Params, ToView, WireError } from '../../webviews/protocol.ts';
import { parseFromView } from './guard.ts';
import { atMostEvery } from '../../engine/model/throttle.ts';
import { batchIntervalMs, noticeBatch } from './noticeBatch.ts';

export interface Channel {
  /** Whatever the page posted. */
  receive(message: unknown): void;
  /** Queued for the next batch; dropped while nobody listens, because the page asks for everything when it comes. */
  notify(notice: Notice): void;
  /** Whether a page listens. */
  readonly open: boolean;
  /** The page is gone (hidden or closed for reload); its requests are aborted, a new one will say that it is ready. */
  lost(): void;
  dispose(): void;
}

export interface ChannelOptions {
  post: (message: ToView) => void;
  handlers: Handlers;
  log: (message: string) => void;
  onReady?: () => void;
}

/** An error as a view may know it: unexpected ones stay in the log, where their details are. */
export function toWireError(thrown: unknown, log: (message: string) => void): WireError {
  const error = toFactoryError(thrown);
  if (error.code === 'unexpected') {
    log(thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown));
    return {
      code: 'unexpected',
      message: 'Something went wrong inside the extension. The log has the details.',
      problems: [],
      remedies: [{ kind: 'showLog' }],
    };
  }
  return {
    code: error.code,
    message: inWords(error.told),
    problems: [...error.problems],
    remedies: remediesFor(error),
  };
}

export function openChannel(options: ChannelOptions): Channel {
  const running = new Map<number, AbortController>();
  const batch = noticeBatch();
  let ready = false;
  let disposed = false;
  let rev = 0;
  const pace = atMostEvery(batchIntervalMs, () => {
    if (!ready) return;
    const notices = batch.take();
    if (notices.length === 0) return;
    rev += 1;
    options.post({ kind: 'notices', rev, notices });
  });

  function lost(): void {
    ready = false;
    pace.cancel();
    batch.clear();
    for (const controller of running.values()) controller.abort();
    running.clear();
  }

  async function answer<M extends Method>(id: number, method: M, params: Params<M>): Promise<void> {
    const controller = new AbortController();
    running.set(id, controller);
    let message: ToView;
    try {
      const result = await options.handlers[method](params, controller.signal);
      message = { kind: 'response', id, ok: true, result };
    } catch (thrown) {
      message = { kind: 'response', id, ok: false, error: toWireError(thrown, options.log) };
    }
    // Another page may have come meanwhile, with ids of its own: only the asker gets the answer.
    if (running.get(id) !== controller) return;
    running.delete(id);
    if (ready) options.post(message);
  }

  function refuse(id: number, why: string): void {
    options.log(`Refused a message of a view: ${why}`);
    const error: WireError = { code: 'input.invalid', message: why, problems: [], remedies: [] };
    options.post({ kind: 'response', id, ok: false, error });
  }

  return {
    get open() {
      return ready;
    },
    receive(message) {
      if (disposed) return;
      const received = parseFromView(message);
      switch (received.kind) {
        case 'ready':
          lost();
          ready = true;
          rev = 0;
          options.onReady?.();
          return;
        case 'cancel':
          running.get(received.id)?.abort();
          return;
        case 'request':
          if (!ready) return;
          if (running.has(received.id)) refuse(received.id, 'This request is being answered already.');
          else void answer(received.id, received.request.method, received.request.params);
          return;
        case 'refused':
          if (ready) refuse(received.id, received.why);
          return;
        case 'unreadable':
          options.log('Refused a message of a view that fits no request.');
      }
    },
    notify(notice) {
      if (!ready) return;
      batch.add(notice);
      pace.ask();
    },
    lost,
    dispose() {
      disposed = true;
      lost();
    },
  };
}
