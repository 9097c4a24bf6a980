/** What the viewer says about an image: its own facts, and how it was made. */
import { formatBytes } from '../../engine/model/bytes.ts';
import { formatCost } from '../../engine/model/money.ts';
import { signatureLabel } from '../../engine/model/image.ts';
import { formatDuration } from '../../engine/model/duration.ts';
import { imageStatusLabel, stageFailureLabels, stageLabels, stages } from '../../engine/model/status.ts';
import {
  definitionOf,
  providerLabel,
  settingKeys,
  shownSetting,
  storedSettings,
} from '../../engine/settings/settings.ts';
import { formatDateTime } from '../format.ts';
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
    ...fact('Signature', signatureLabel(image.signature)),
    ...fact('Cost', cost),
    ...fact('Created At', formatDateTime(image.createdAt)),
    ...fact('Image ID', image.id),
  ];
}

export function processingFacts(image: ImageView): Fact[] {
  const timed = stages.flatMap((stage) => {
    const took = image.timings[stage];
    if (took === undefined) return [];
    return fact(stageLabels[stage], took < 1000 ? `${Math.round(took)} ms` : formatDuration(took));
  });
  const asRun = storedSettings(image.processing);
  const known = settingKeys.filter((key) => key in image.processing);
  return [
    ...fact('Provider', providerLabel(image.provider)),
    ...fact('Model', image.model),
    ...fact('Seed', image.seed),
    ...known.flatMap((key) => fact(definitionOf(key).label, shownSetting(key, asRun[key]) || 'None')),
    ...timed.map(({ label, value }) => ({ label: `Time: ${label}`, value })),
  ];
}
