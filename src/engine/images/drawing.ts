/**
 * Vector drawings are read and drawn in a process of their own: what is in them decides how long that takes, and
 * only a process can be ended in the middle of it.
 */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { FactoryError } from '../model/errors.ts';
import type { ErrorCode } from '../model/errors.ts';
import { createLimit } from '../model/semaphore.ts';
import type { Message } from '../model/message.ts';
import type { Pixels } from './pixels.ts';
import { messages } from './messages.ts';

export interface DrawingRequest {
  bytes: Uint8Array;
  /** Longer side of the pixels that are wanted; null for the harmless drawing alone. */
  side: number | null;
}

export interface Drawn {
  /** The same drawing, made harmless. */
  svg: Uint8Array;
  pixels: Pixels | null;
}

export type DrawingReply = 'ready' | { drawn: Drawn } | { error: { code: ErrorCode; told: Message } };

/** Drawings that people make take a tenth of a second. */
const mostSeconds = 5;
/** The process starts within this time even on a busy machine; not counted as drawing. */
const mostStartSeconds = 60;
const idleSeconds = 20;

/** What the process needs of the environment: no key is within reach of what reads a stranger's file. */
const passedVariables =
  /^(?:PATH|HOME|USERPROFILE|SystemRoot|windir|TEMP|TMP|TMPDIR|LANG|LC_\w+|LD_LIBRARY_PATH|XDG_\w+|FONTCONFIG_\w+|GEN_IMAGE_FACTORY_SHARP)$/iu;

const oneAtATime = createLimit(1);
let running: ChildProcess | null = null;
let idle: NodeJS.Timeout | undefined;

/**
 * Makes a drawing harmless and draws it. Fails with `image.invalid` when it is no drawing, or takes more than five
 * seconds or a gigabyte; with `cancelled` when the signal ends it.
 */
export function drawVector(request: DrawingRequest, signal?: AbortSignal): Promise<Drawn> {
  return oneAtATime(async () => {
    signal?.throwIfAborted();
    clearTimeout(idle);
    const child = running ?? (await start());
    running = child;
    hold(child);
    try {
      const reply = await replyOf(child, mostSeconds, signal, () => child.send(request));
      if (reply === 'ready') throw new FactoryError('unexpected', messages.outOfTurn());
      if ('error' in reply) throw new FactoryError(reply.error.code, reply.error.told);
      return reply.drawn;
    } finally {
      release(child);
    }
  });
}

async function start(): Promise<ChildProcess> {
  const passed = Object.entries(process.env).filter(([name]) => passedVariables.test(name));
  const child = fork(workerFile(), [], {
    serialization: 'advanced',
    execArgv: [],
    env: { ...Object.fromEntries(passed), ELECTRON_RUN_AS_NODE: '1' },
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  child.once('exit', () => {
    if (running === child) running = null;
  });
  await replyOf(child, mostStartSeconds, undefined, () => undefined);
  return child;
}

/** The next message of the process; a process that does not answer in time, or whose answer nobody wants, is ended. */
function replyOf(
  child: ChildProcess,
  seconds: number,
  signal: AbortSignal | undefined,
  ask: () => void,
): Promise<DrawingReply> {
  return new Promise((resolve, reject) => {
    const end = (reason: Error): void => {
      over();
      if (running === child) running = null;
      child.kill('SIGKILL');
      reject(reason);
    };
    const tooComplex = (told: Message) => (): void => end(new FactoryError('image.invalid', told));
    const onExit = tooComplex(messages.drawingTakesMemory());
    const onError = (error: Error): void => end(error);
    const onAbort = (): void => end(signal?.reason as Error);
    const onMessage = (reply: unknown): void => {
      over();
      resolve(reply as DrawingReply);
    };
    const timer = setTimeout(tooComplex(messages.drawingTakesTime({ seconds })), seconds * 1000);
    const over = (): void => {
      clearTimeout(timer);
      child.off('message', onMessage).off('exit', onExit).off('error', onError);
      signal?.removeEventListener('abort', onAbort);
    };
    child.once('message', onMessage).once('exit', onExit).once('error', onError);
    signal?.addEventListener('abort', onAbort, { once: true });
    ask();
  });
}

/** While it draws it keeps this process alive, as any work does. */
function hold(child: ChildProcess): void {
  child.ref();
  child.channel?.ref();
}

/** An idle one keeps nothing alive, and ends after a while. */
function release(child: ChildProcess): void {
  child.unref();
  child.channel?.unref();
  idle = setTimeout(() => child.kill(), idleSeconds * 1000).unref();
}

/** From source beside this file; in the bundle beside the entry point, while this may be in a folder of chunks. */
function workerFile(): string {
  const here = import.meta.url;
  if (here.endsWith('.ts')) return fileURLToPath(new URL('./drawingWorker.ts', here));
  const beside = fileURLToPath(new URL('./drawingWorker.js', here));
  return existsSync(beside) ? beside : fileURLToPath(new URL('../drawingWorker.js', here));
}
