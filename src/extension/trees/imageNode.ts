/** An image as a tree item: name, status, and a hover with its thumbnail and facts. */
import { l10n, MarkdownString, TreeItem } from 'vscode';
import { fileOfImage } from '../../engine/model/image.ts';
import type { ImageRecord } from '../../engine/model/image.ts';
import { withoutSteering } from '../../engine/model/steering.ts';
import { statusGroups } from '../../engine/model/status.ts';
import type { ImageStatus } from '../../engine/model/status.ts';
import { plainText } from '../plainText.ts';
import type { WorkspaceSession } from '../workspaceSession.ts';
import { imageNameWords, imageStatusWords } from '../words.ts';
import { imageIcon } from './icons.ts';

export interface ImageNode {
  kind: 'image';
  /** What commands work on. */
  imageId: string;
  image: ImageRecord;
  /** When an event last told of it. */
  heard: number;
}

const failedStatuses: readonly ImageStatus[] = statusGroups.fail;

/** `image`, and for menus: `.failed` what can be retried, `.file` what can be approved. */
function contextOf(image: ImageRecord): string {
  if (!failedStatuses.includes(image.status)) return 'image';
  return fileOfImage(image) === null ? 'image.failed' : 'image.failed.file';
}

export function imageItem({ image }: ImageNode): TreeItem {
  const name = plainText(imageNameWords(image));
  const item = new TreeItem(name);
  const status = imageStatusWords(image);
  item.id = `image ${image.id}`;
  item.iconPath = imageIcon(image.status);
  item.description = status;
  item.contextValue = contextOf(image);
  item.command = {
    command: 'genImageFactory.viewImage',
    title: l10n.t('View Image'),
    arguments: [{ imageId: image.id }],
  };
  item.accessibilityInformation = { label: `${name}, ${status}` };
  return item;
}

/** Width of a thumbnail in a hover, in pixels. */
const thumbnailWidth = 160;

/** Adds the thumbnails that this workspace may show. */
export function appendThumbnails(
  session: WorkspaceSession,
  text: MarkdownString,
  images: readonly ImageRecord[],
): void {
  const shown = images
    .map(({ thumbnailPath }) => (thumbnailPath === null ? null : session.resolvePath(thumbnailPath)))
    .filter((uri) => uri !== null)
    .map((uri) => `![](${uri.toString()}|width=${thumbnailWidth})`);
  if (shown.length > 0) text.appendMarkdown(`${shown.join(' ')}\n\n`);
}

/**
 * Texts of models and files as text: every sign that markdown could read stands for itself. (VS Code's own
 * `appendText` keeps every space, so that long texts do not wrap.)
 */
export function plain(text: string): string {
  return withoutSteering(text)
    .replace(/\s+/gu, ' ')
    .replace(/[!-/:-@[-`{-~]/gu, '\\$&');
}

export function appendLines(text: MarkdownString, lines: readonly string[]): void {
  for (const line of lines) if (line.trim() !== '') text.appendMarkdown(`${plain(line)}\n\n`);
}

function sizeOf({ width, height }: ImageRecord): string | null {
  return width === null || height === null ? null : `${width}×${height}`;
}

/** Filled in when the mouse rests on the item. */
export function resolveImageItem(session: WorkspaceSession, item: TreeItem, { image }: ImageNode): TreeItem {
  const text = new MarkdownString();
  text.supportHtml = false;
  appendThumbnails(session, text, [image]);
  const reason = image.failure?.reason ?? (image.status === 'qcFailed' ? image.qcReason : null);
  const status = imageStatusWords(image);
  appendLines(text, [
    reason === null ? status : `${status}: ${reason}`,
    ...image.softFailures.map((failure) => failure.reason),
    image.jobLabel,
    [image.provider, image.model, sizeOf(image)].filter((part) => part !== null && part !== '').join(' · '),
    image.prompt.slice(0, 300),
  ]);
  item.tooltip = text;
  return item;
}
