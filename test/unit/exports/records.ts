/** Jobs and images for export tests. */
import { open } from 'node:fs/promises';
import type { ExportedJob } from '../../../src/engine/exports/columns.ts';
import type { Destination } from '../../../src/engine/exports/destination.ts';
import type { FileToExport } from '../../../src/engine/exports/zip.ts';
import { inChosenFolder } from '../../../src/engine/files/heldFolder.ts';
import type { ImageRecord } from '../../../src/engine/model/image.ts';
import { defaultSettings } from '../../../src/engine/settings/settings.ts';
import type { Settings } from '../../../src/engine/settings/settings.ts';

/** Into a folder of the test. */
export function into(folder: string): Destination['folder'] {
  return (use) => inChosenFolder(folder, use);
}

export function fileAt(path: string | null): FileToExport | null {
  return path === null ? null : { path, open: () => open(path) };
}

export function settingsWith(changes: Partial<Settings> = {}): Settings {
  return { ...defaultSettings(), ...changes };
}

export function jobWith(changes: Partial<ExportedJob> = {}): ExportedJob {
  return {
    id: '11111111-2222-4333-8444-555555abc123',
    label: 'Autumn Foxes',
    ownLabel: 'Autumn Foxes',
    rerun: false,
    status: 'completed',
    stopping: false,
    createdAt: Date.UTC(2026, 0, 2, 3, 4, 5),
    startedAt: Date.UTC(2026, 0, 2, 3, 4, 6),
    finishedAt: Date.UTC(2026, 6, 2, 3, 5, 6),
    durationMs: 61_000,
    asOf: 0,
    planned: 4,
    generated: 4,
    checked: 4,
    approved: 3,
    failed: 1,
    cost: { microUsd: 15_200, unknown: false },
    error: null,
    imageProvider: 'sample',
    settings: settingsWith(),
    snapshot: settingsWith(),
    ...changes,
  };
}

export function imageWith(changes: Partial<ImageRecord> = {}): ImageRecord {
  return {
    seq: 1,
    id: 'aaaaaaaa-0000-4000-8000-000000000001',
    jobId: '11111111-2222-4333-8444-555555abc123',
    jobLabel: 'Autumn Foxes',
    generation: 0,
    variation: 0,
    status: 'approved',
    failure: null,
    softFailures: [],
    keywordRow: 0,
    keyword: { Subject: 'red fox', Style: 'watercolor' },
    prompt: 'A red fox, watercolor.',
    provider: 'sample',
    model: 'sample-drawings-1',
    seed: 42,
    width: 1024,
    height: 768,
    bytes: 1000,
    costMicroUsd: 3_800,
    timings: {},
    qcReason: null,
    title: 'Red Fox',
    description: 'A fox in the woods.',
    tags: ['fox', 'red'],
    processing: {},
    originalPath: null,
    path: 'pictures/toupload/fox.webp',
    sidecarPath: null,
    signature: null,
    thumbnailPath: null,
    createdAt: Date.UTC(2026, 6, 2, 3, 4, 59),
    ...changes,
  };
}
