/** The filter of the job history: a status, and a text in label or id. */
import { l10n, window } from 'vscode';
import type { JobFilter } from '../../engine/model/job.ts';
import { jobStatusLabels, jobStatuses } from '../../engine/model/status.ts';

/** The new filter, empty for all jobs; null when the user left the question. */
export async function askJobFilter(current: JobFilter): Promise<JobFilter | null> {
  const items = [
    { label: l10n.t('All'), statuses: null },
    ...jobStatuses.map((status) => ({ label: l10n.t(jobStatusLabels[status]), statuses: [status] })),
  ];
  const picked = await window.showQuickPick(items, { title: l10n.t('Show jobs with status') });
  if (picked === undefined) return null;
  const search = await window.showInputBox({
    title: l10n.t('Show jobs with this text'),
    prompt: l10n.t('In label or id; empty shows all'),
    value: current.search ?? '',
  });
  if (search === undefined) return null;
  const filter: JobFilter = {};
  if (picked.statuses !== null) filter.statuses = picked.statuses;
  if (search.trim() !== '') filter.search = search.trim();
  return filter;
}

/** The filter that a key binding names, such as `{ "statuses": ["failed"] }`; null for any other argument. */
export function jobFilterIn(given: unknown): JobFilter | null {
  if (typeof given !== 'object' || given === null) return null;
  const { statuses, search }: { statuses?: unknown; search?: unknown } = given;
  if (!Array.isArray(statuses) && typeof search !== 'string') return null;
  const filter: JobFilter = {};
  if (Array.isArray(statuses)) filter.statuses = jobStatuses.filter((status) => statuses.includes(status));
  if (typeof search === 'string' && search.trim() !== '') filter.search = search.trim();
  return filter;
}

/** "Showing: Failed, "owl"", or null for all jobs. */
export function jobFilterWords(filter: JobFilter): string | null {
  const words = [
    ...(filter.statuses ?? []).map((status) => l10n.t(jobStatusLabels[status])),
    ...(filter.search === undefined ? [] : [`"${filter.search}"`]),
  ];
  return words.length === 0 ? null : l10n.t('Showing: {0}', words.join(', '));
}
