/** What the fake providers can be told to do, and what they report. Everything is JSON, so that it crosses processes. */
import type { Endpoints, KeyedProvider } from '../../../src/engine/providers/registry.ts';

export type Service = KeyedProvider | 'images';

/** What a call was for. `poll`: getResponse and GET task; `recover`: getTaskDetails; `account`: key tests. */
export const callKinds = [
  'prompt',
  'qualityCheck',
  'metadata',
  'image',
  'vectorize',
  'removeBackground',
  'poll',
  'recover',
  'download',
  'account',
] as const;
export type CallKind = (typeof callKinds)[number];

/** Which calls a fault hits; all conditions given must hold. */
export interface FaultTarget {
  service?: Service;
  kind?: CallKind | readonly CallKind[];
  /** 0 to 100; drawn per call from the server's seed. */
  percent?: number;
  /** 0-based numbers among the calls of this target's service and kind. */
  at?: readonly number[];
  /** The call's body (or path, for a GET) holds this text. */
  contains?: string;
  /** The fault is used up after this many calls. */
  times?: number;
}

export type FaultEffect =
  /** An answer with this status; `code` and `message` are put into the service's own error body. */
  | {
      do: 'status';
      status: number;
      code?: string;
      message?: string;
      parameter?: string;
      headers?: Record<string, string>;
    }
  /** A whole body of ours, for answers that are not what the service says. */
  | { do: 'body'; status?: number; body: string; contentType?: string }
  /** The service's JSON with fields that nobody has heard of, in every object. */
  | { do: 'extra' }
  /** The connection breaks: before the work is done, or after it was done and charged. */
  | { do: 'reset'; when: 'before' | 'after' }
  /** The work is done and charged; no answer ever comes. */
  | { do: 'hang' }
  /** The answer comes slowly: `bytes` at a time every `everyMs`, and stops for good after `stopAfter` bytes. */
  | { do: 'slow'; bytes: number; everyMs: number; stopAfter?: number }
  /** Only this share (0 to 1) of the body is sent, then the connection breaks; `quietly` ends it as if complete. */
  | { do: 'truncate'; share: number; quietly?: boolean }
  | { do: 'redirect'; to: string; status?: number }
  /** An image without end: this many bytes are sent. */
  | { do: 'flood'; bytes: number }
  /** This many of the images are missing; at Runware with an error item each, or without one. */
  | { do: 'partial'; missing: number; code?: string; message?: string }
  /** A background removal that leaves nothing visible, or an image whose pixels do not decode. */
  | { do: 'cutout'; as: 'empty' | 'damaged' }
  /** Runware: all images are flagged by the content check. */
  | { do: 'flag' }
  /** The model refuses in words, is cut off, or is filtered (chat). */
  | { do: 'refuse' }
  | { do: 'length' }
  | { do: 'filter' }
  /** The model answers this text instead of what was asked for (chat). */
  | { do: 'say'; text: string }
  /** The quality check's verdict. */
  | { do: 'verdict'; passed: boolean; reason: string }
  /** Polls before an accepted task is done, or never (`Infinity` is written as -1). */
  | { do: 'stay'; polls: number }
  /** A task that fails after it was accepted. */
  | { do: 'fail'; code: string; message: string };

export type Fault = FaultTarget & FaultEffect;

/** One request as it arrived. Bodies of images and keys are left out. */
export interface Call {
  /** Order of arrival over all services. */
  seq: number;
  service: Service;
  kind: CallKind;
  /** ms since the servers started. */
  at: number;
  /** HTTP status that was answered; 0 while it is open, or when the connection was broken on purpose. */
  status: number;
  /** The task's id as the client chose it (Runware) or the server (PiAPI); null elsewhere. */
  task: string | null;
  /** The prompt or instructions, at most 4000 characters. */
  text: string;
  /** The request's JSON without images, or the form's fields. */
  body: unknown;
  headers: Record<string, string>;
  /** Which fault hit it. */
  fault: FaultEffect['do'] | null;
}

/** Money taken: one line per paid call that was carried out. */
export interface Charge {
  service: Service;
  kind: CallKind;
  task: string | null;
  /** What the image is of; equal keys of two charges mean that something was paid twice. */
  key: string;
  microUsd: number;
  images: number;
}

export interface FakeOptions {
  /** Milliseconds that each kind of call takes; default 0. */
  latency?: Partial<Record<CallKind, number>>;
  /** Kinds of call that are not answered until a change leaves them out: work that lasts as long as a test looks at it. */
  hold?: readonly CallKind[];
  /** Calls at once per service above which it says 429; default none. */
  capacity?: Partial<Record<Service, number>>;
  /**
   * Prepaid balance per service; a call above it is refused as the service does. Default unlimited. In
   * micro-USD; at remove.bg one credit is 1,000,000.
   */
  credit?: Partial<Record<Service, number>>;
  faults?: readonly Fault[];
  /** For drawing percentages and images; default 1. */
  seed?: number;
  /** Side in pixels of the images of services that ask for no size (PiAPI); default 256. */
  imageSize?: number;
  /** Downloads of one address after which it is gone (404); default unlimited. */
  downloadsPerAddress?: number;
  /** Polls that an asynchronous task stays in processing; default 1. */
  polls?: number;
  /** What the image host adds to its images: metadata, a profile, a signature. */
  embed?: (bytes: Buffer) => Buffer | Promise<Buffer>;
  /** PiAPI answers with one grid instead of four images. */
  grid?: boolean;
  /** What other chat servers do not know. */
  chat?: {
    /** Response formats that are understood; default all. */
    formats?: readonly ('json_schema' | 'json_object' | 'text')[];
    /** Parameters that are refused with 400 naming them. */
    refuses?: readonly string[];
  };
  /** remove.bg after its end: 410 with a page in HTML. */
  removeBgRetired?: boolean;
  /** Fixed ports, so that a restarted server is found again; default any free ones. */
  ports?: { api: number; images: number };
}

/** What a test holds: the same in the test's process and around a child process. */
export interface FakeProviders {
  endpoints: Endpoints;
  keys: Readonly<Record<KeyedProvider, string>>;
  /** The same keys as the environment variables that the product reads. */
  environment: Record<string, string>;
  ports: { api: number; images: number };
  /** Adds faults; they come before those given earlier. */
  script(...faults: Fault[]): Promise<void>;
  clearFaults(): Promise<void>;
  /** Changes options while running (latency, capacity, credit …); given keys replace the old ones. */
  change(options: FakeOptions): Promise<void>;
  calls(filter?: { service?: Service; kind?: CallKind }): Promise<Call[]>;
  charges(filter?: { service?: Service; kind?: CallKind }): Promise<Charge[]>;
  /** Charges that share a key: something was paid twice. Empty when all is well. */
  paidTwice(): Promise<Charge[]>;
  /** Resolves when `count` calls of the kind have arrived (answered or not). */
  waitForCalls(kind: CallKind, count: number): Promise<void>;
  close(): Promise<void>;
}
