/** What the pipeline asks of a provider; each adapter fulfils one or more of these. */
import type { FactoryError } from '../model/errors.ts';
import type { MicroUsd } from '../model/money.ts';

/** The answer of a paid call, with what it cost (null: unknown). */
export interface Billed<T> {
  value: T;
  costMicroUsd: MicroUsd | null;
  /** The provider's own request id, for the log. */
  requestId: string | null;
}

export interface CallContext {
  signal: AbortSignal;
  /** One attempt's time limit in milliseconds (`generation.pollingTimeoutMinutes`, else 30 s). */
  timeoutMs: number;
  /** Technical rows for the log; never keys, bodies or signed URLs. */
  debug: (message: string) => void;
}

export interface TextRequest {
  /** Finished instructions: the template with its values in place. */
  instructions: string;
  /** The row behind the request, for providers that write without a model. */
  row: Readonly<Record<string, string>>;
}

/** A downscaled image for the vision calls. */
export interface VisionImage {
  bytes: Uint8Array;
  mime: 'image/jpeg' | 'image/png' | 'image/webp';
  detail: 'low' | 'high';
}

export interface QualityVerdict {
  passed: boolean;
  reason: string;
}

export interface ImageMetadata {
  title: string;
  description: string;
  tags: string[];
}

export interface TextModel {
  readonly name: string;
  writePrompt(request: TextRequest, context: CallContext): Promise<Billed<string>>;
  checkQuality(
    instructions: string,
    image: VisionImage,
    context: CallContext,
  ): Promise<Billed<QualityVerdict>>;
  describe(
    instructions: string,
    prompt: string,
    image: VisionImage,
    context: CallContext,
  ): Promise<Billed<ImageMetadata>>;
  /** The worst price of one call of this kind; null where it is not known. */
  worstPrice(call: 'prompt' | 'qualityCheck' | 'metadata'): MicroUsd | null;
}

export interface ImageRequest {
  /** UUIDv4 chosen by the caller and stored before the call: the key to ask for a lost answer. */
  requestId: string;
  prompt: string;
  /** 0-based generation, for what rotates per generation (dimensions, aspect ratios). */
  generation: number;
  /** Images wanted. */
  count: number;
  width: number;
  height: number;
  /** For the first image; null leaves it to the provider. */
  seed: number | null;
}

export interface GeneratedImage {
  /** Where the bytes are: an address to download, or the bytes themselves. */
  source: { kind: 'url'; url: string } | { kind: 'bytes'; bytes: Uint8Array };
  /** The provider's id of the image, where it has one. */
  providerImageId: string | null;
  seed: number | null;
  costMicroUsd: MicroUsd | null;
  /** The provider's content check flagged it. */
  flagged: boolean;
}

/** What came back for one request: images, and errors for the images that will not come. */
export interface GenerationResult {
  images: GeneratedImage[];
  /** One per image that the provider refused or failed; empty slots without an entry may be topped up. */
  failures: { code: string; message: string; error: FactoryError }[];
  requestId: string | null;
}

/** The answer when a lost request is asked for. */
export type Recovered =
  | { state: 'found'; result: GenerationResult }
  /** The provider still works on it. */
  | { state: 'running' }
  /** The provider never got it: it may be sent (again) under a new id. */
  | { state: 'notFound' }
  /** This provider cannot be asked. */
  | { state: 'cannotAsk' };

export interface ImageModel {
  readonly name: string;
  readonly model: string;
  /** The most images that one request may ask for. */
  readonly maxPerRequest: number;
  /** True where a lost answer can be asked for by its request id. */
  readonly recoverable: boolean;
  /**
   * Sends one request. `onAccepted` is called with the key to ask by as soon as the provider names one of
   * its own (task APIs); providers that take ours never call it.
   */
  generate(
    request: ImageRequest,
    context: CallContext,
    onAccepted: (recoveryKey: string) => void,
  ): Promise<GenerationResult>;
  recover(request: ImageRequest, recoveryKey: string, context: CallContext): Promise<Recovered>;
  worstPrice(request: Pick<ImageRequest, 'count' | 'width' | 'height'>): MicroUsd | null;
}

export interface BackgroundResult {
  /** PNG or WebP with an alpha channel. */
  bytes: Uint8Array;
}

export interface BackgroundRemover {
  readonly name: string;
  readonly recoverable: boolean;
  remove(image: Uint8Array, requestId: string, context: CallContext): Promise<Billed<BackgroundResult>>;
  recover(
    requestId: string,
    context: CallContext,
  ): Promise<
    { state: 'found'; result: Billed<BackgroundResult> } | { state: 'running' | 'notFound' | 'cannotAsk' }
  >;
  worstPrice(): MicroUsd | null;
}

/** Everything that a job calls, built from its settings. */
export interface Providers {
  text: TextModel;
  image: ImageModel;
  background: BackgroundRemover | null;
  /**
   * Fetches an image from an address that the image provider named. Fails with `image.blockedAddress`,
   * `image.tooLarge`, `notFound` (404, 410: its time is over, ask the provider for a new one), `network.*`,
   * `provider.unavailable`. May always be called again: downloading costs nothing.
   */
  download(url: string, kind: 'raster' | 'svg', context: CallContext): Promise<Uint8Array>;
  /** Closes kept connections. */
  close(): void;
}
