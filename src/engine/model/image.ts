import type { MicroUsd } from './money.ts';
import type { JobSlot } from './slot.ts';
import type { Failure, ImageStatus, Stage } from './status.ts';

/** What became of the provider's signature (C2PA): kept with the file, or removed because its pixels were changed. */
export type Signature = 'kept' | 'removed';

/** As people read it; null where there was none. */
export function signatureLabel(signature: Signature | null): string | null {
  return signature && { kept: 'C2PA, kept', removed: 'C2PA, removed' }[signature];
}

/** One image. Paths are workspace-relative with forward slashes, or absolute outside the workspace. */
export interface ImageRecord {
  /** Rowid in the store: creation order. */
  seq: number;
  id: string;
  jobId: string;
  jobLabel: string;
  /** 0-based. */
  generation: number;
  /** 0-based. */
  variation: number;
  status: ImageStatus;
  failure: Failure | null;
  /** Steps that failed without failing the image. */
  softFailures: Failure[];
  /** 0-based row of the keyword file, and its cells by column. */
  keywordRow: number;
  keyword: Record<string, string>;
  prompt: string;
  provider: string;
  model: string;
  seed: number | null;
  width: number | null;
  height: number | null;
  bytes: number | null;
  /** Own calls plus the share of the shared prompt; null when a price is unknown. */
  costMicroUsd: MicroUsd | null;
  /** Milliseconds spent in each step. */
  timings: Partial<Record<Stage, number>>;
  qcReason: string | null;
  title: string | null;
  description: string | null;
  tags: string[];
  /** The settings that made the delivered file. */
  processing: Record<string, unknown>;
  /** The provider's bytes as downloaded; kept for retry and comparison. */
  originalPath: string | null;
  /** The delivered file. */
  path: string | null;
  /** XMP beside the delivered file, where it could not go into it. */
  sidecarPath: string | null;
  /** Of the delivered file; null where the provider did not sign. */
  signature: Signature | null;
  /** Thumbnail (WebP, at most 256 px a side) below `.gen-image-factory/thumbnails/`. */
  thumbnailPath: string | null;
  /** UTC ms. */
  createdAt: number;
  /** Columns of its row that hold what they should not, so that nothing works with it; absent where all is well. */
  damaged?: readonly string[];
}

/** The delivered file, else the bytes as the provider made them; null where there is neither. */
export function fileOfImage({
  path,
  originalPath,
}: Pick<ImageRecord, 'path' | 'originalPath'>): string | null {
  return path ?? originalPath;
}

export type ImageSort = 'newest' | 'oldest' | 'name';

export interface ImageFilter {
  statuses?: readonly ImageStatus[];
  jobIds?: readonly string[];
  /** Failure stage, or `qcFailed` for rejected by the check, `flagged`, or `missing` without its original. */
  reasons?: readonly string[];
  /** Only images with a soft failure. */
  softFailed?: boolean;
  from?: number;
  to?: number;
  /** Prompt, title, description, tags; in the failed view also the id. */
  search?: string;
}

/** Counts of a whole filter except its status part. */
export interface ImageCounts {
  total: number;
  pass: number;
  fail: number;
  pending: number;
  byStatus: Record<ImageStatus, number>;
}

/** A slot that ended without an image (prompt or provider failure). */
export interface FailedSlot extends JobSlot {
  jobLabel: string;
  keywordRow: number;
  keyword: Record<string, string>;
  prompt: string | null;
  failure: Failure;
  failedAt: number;
}
