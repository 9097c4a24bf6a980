/** One process that works on pixels, one piece of work at a time; it can be ended in the middle of one. */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { FactoryError } from '../model/errors.ts';
import { workerFile } from '../model/workerFile.ts';
import { raster } from './pixelBounds.ts';
import type { PixelBounds } from './pixelBounds.ts';
import { received, receivedError, sent } from './pixelWire.ts';
import type { PixelReply, PixelRequest } from './pixelWire.ts';
import { messages } from './messages.ts';

export interface PixelProcess {
  readonly pid: number;
  /** False once it has ended, or holds so much that the next work gets another one. */
  readonly usable: boolean;
  /**
   * Fails as the work does; with `image.invalid` where the work took too long or too much memory, and with the
   * signal's reason once that aborts: the process is then ended.
   */
  run(name: string, input: object, bounds: PixelBounds, signal?: AbortSignal): Promise<unknown>;
  end(): void;
}

/** The process starts within this time even on a busy machine; not counted as work. */
const mostStartSeconds = 60;
const idleSeconds = 20;

/** What the process needs of the environment: no key is within reach of what reads a stranger's file. */
const passedVariables =
  /^(?:PATH|HOME|USERPROFILE|SystemRoot|windir|TEMP|TMP|TMPDIR|LANG|LC_\w+|LD_LIBRARY_PATH|XDG_\w+|FONTCONFIG_\w+|GEN_IMAGE_FACTORY_SHARP)$/iu;

export async function startPixelProcess(): Promise<PixelProcess> {
  const passed = Object.entries(process.env).filter(([name]) => passedVariables.test(name));
  const child = fork(fileURLToPath(workerFile(import.meta.url, './pixels/pixelWorker.ts')), [], {
    serialization: 'advanced',
    execArgv: [],
    env: { ...Object.fromEntries(passed), ELECTRON_RUN_AS_NODE: '1' },
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  let usable = true;
  child.once('exit', () => (usable = false));
  const ready = await replyOf(child, { ...raster, seconds: mostStartSeconds }, undefined, () => undefined);
  const folder = ready.kind === 'ready' ? ready.folder : '';
  // One that was killed could not clear it away itself.
  child.once('exit', () => void rm(folder, { recursive: true, force: true }));
  let idle = release(child);

  return {
    pid: child.pid ?? 0,
    get usable() {
      return usable && child.connected && !child.killed;
    },
    async run(name, input, bounds, signal) {
      clearTimeout(idle);
      hold(child);
      try {
        const request: PixelRequest = { name, input: await sent(input, folder), bounds };
        const reply = await replyOf(child, bounds, signal, () => child.send(request));
        if (reply.kind === 'ready') throw new FactoryError('unexpected', messages.outOfTurn());
        if (reply.spent) usable = false;
        if (reply.kind === 'failed') throw receivedError(reply.error);
        return await received(reply.output, folder);
      } finally {
        idle = release(child);
      }
    },
    end() {
      // It clears its folder away and ends itself.
      if (child.connected && !child.killed) child.disconnect();
    },
  };
}

type Answer = Exclude<PixelReply, { kind: 'full' }>;

/** The next message of the process; one that does not answer in time, or whose answer nobody wants, is ended. */
function replyOf(
  child: ChildProcess,
  { of, seconds }: PixelBounds,
  signal: AbortSignal | undefined,
  ask: () => void,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const end = (reason: Error): void => {
      over();
      child.kill('SIGKILL');
      reject(reason);
    };
    const onTime = (): void => end(new FactoryError('image.invalid', tooLong[of]({ seconds })));
    const onExit = (): void => end(new FactoryError('image.invalid', messages.processEnded()));
    const onAbort = (): void => end(signal?.reason as Error);
    const onMessage = (message: unknown): void => {
      const reply = message as PixelReply;
      if (reply.kind === 'full') {
        end(new FactoryError('image.invalid', tooMuchMemory[of]()));
        return;
      }
      over();
      resolve(reply);
    };
    const timer = setTimeout(onTime, seconds * 1000);
    const over = (): void => {
      clearTimeout(timer);
      child.off('message', onMessage).off('exit', onExit).off('error', end);
      signal?.removeEventListener('abort', onAbort);
    };
    child.once('message', onMessage).once('exit', onExit).once('error', end);
    signal?.addEventListener('abort', onAbort, { once: true });
    ask();
  });
}

const tooLong = { drawing: messages.drawingTakesTime, image: messages.imageTakesTime };
const tooMuchMemory = { drawing: messages.drawingTakesMemory, image: messages.imageTakesMemory };

/** While it works it keeps this process alive, as any work does. */
function hold(child: ChildProcess): void {
  child.ref();
  child.channel?.ref();
}

/** An idle one keeps nothing alive, and ends after a while. */
function release(child: ChildProcess): NodeJS.Timeout {
  child.unref();
  child.channel?.unref();
  return setTimeout(() => {
    if (child.connected) child.disconnect();
  }, idleSeconds * 1000).unref();
}
