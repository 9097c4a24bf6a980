/** What counts as failed, for the tree, its badge and the commands. */
import type { ImageFilter } from '../engine/model/image.ts';
import { statusGroups } from '../engine/model/status.ts';

export const failedImages = { statuses: statusGroups.fail } satisfies ImageFilter;
