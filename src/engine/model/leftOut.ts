/** What a finished export could not take along, in the words of dialog, message and terminal. */

/** Null when everything that was asked for is in it. */
export function leftOutText(what: 'images' | 'jobs', count: number): string | null {
  if (count === 0) return null;
  const one = count === 1;
  if (what === 'jobs') {
    return `${count} ${one ? 'job' : 'jobs'} could not be exported; export_summary.txt says why.`;
  }
  return one
    ? '1 image was left out because it has no file that can be read.'
    : `${count} images were left out because they have no file that can be read.`;
}
