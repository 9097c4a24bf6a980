/** What the viewer says about an image: its own facts, and how it was made. */
import { formatCost } from '../../engine/model/money.ts';
import { formatDuration } from '../../engine/model/duration.ts';
import { imageStatusLabel, stageFailureLabels, stageLabels, stages } from '../../engine/model/status.ts';
import { allSettingKeys, definitionOf } from '../../engine/settings/settings.ts';
import { formatBytes, formatDateTime } from '../format.ts';
import type { ImageView } from '../protocol.ts';

export interface Fact {
  label: string;
  value: string;
  /** Long text in a block of its own. */
  long?: boolean;
}

function fact(label: string, value: string | number | null, long = false): Fact[] {
  if (value === null || value === '') return [];
  return [{ label, value: String(value), ...(long ? { long } : {}) }];
}

/** Providers as people write them; the sample provider is named as what it is. */
const providerLabels: Record<string, string> = {
  runware: 'Runware',
  openai: 'OpenAI',
  piapi: 'PiAPI',
  removebg: 'remove.bg',
  sample: 'Sample (built in, no real model)',
};

export function providerLabel(name: string): string {
  return providerLabels[name] ?? name;
}

export function detailsOf(image: ImageView): Fact[] {
  const size = image.width === null || image.height === null ? null : `${image.width} × ${image.height}`;
  const cost =
    image.costMicroUsd === null ? 'Unknown' : formatCost({ microUsd: image.costMicroUsd, unknown: false });
  return [
    ...fact('Status', imageStatusLabel(image.status, image.failure)),
    ...fact('Reason', image.failure?.reason ?? null, true),
    ...fact('Quality Check', image.qcReason, true),
    ...image.softFailures.flatMap((soft) => fact(stageFailureLabels[soft.stage], soft.reason, true)),
    ...fact('Prompt', image.prompt, true),
    ...fact('Job', image.jobLabel),
    ...fact('Generation', `${image.generation + 1}, variation ${image.variation + 1}`),
    ...Object.entries(image.keyword).flatMap(([column, cell]) => fact(column, cell)),
    ...fact('Keyword Row', image.keywordRow + 1),
    ...fact('Size', size),
    ...fact('File Size', image.bytes === null ? null : formatBytes(image.bytes)),
    ...fact('File', image.path, true),
    ...fact('Cost', cost),
    ...fact('Created At', formatDateTime(image.createdAt)),
    ...fact('Image ID', image.id),
  ];
}

/** A stored value of a setting in words. */
export function settingText(value: unknown): string {
  if (value === true) return 'On';
  if (value === false) return 'Off';
  if (value === null || value === undefined || value === '') return 'Not set';
  if (Array.isArray(value)) return value.length === 0 ? 'None' : value.map(String).join(', ');
  return typeof value === 'string' || typeof value === 'number' ? String(value) : JSON.stringify(value);
}

export function processingOf(image: ImageView): Fact[] {
  const timed = stages.flatMap((stage) => {
    const took = image.timings[stage];
    if (took === undefined) return [];
    return fact(stageLabels[stage], took < 1000 ? `${Math.round(took)} ms` : formatDuration(took));
  });
  const known = allSettingKeys.filter((key) => key in image.processing);
  return [
    ...fact('Provider', providerLabel(image.provider)),
    ...fact('Model', image.model),
    ...fact('Seed', image.seed),
    ...known.flatMap((key) => fact(definitionOf(key).label, settingText(image.processing[key]))),
    ...timed.map(({ label, value }) => ({ label: `Time: ${label}`, value })),
  ];
}
