/** An image as a tree item: name, status, and a hover with its thumbnail and facts. */
import { basename } from 'node:path';
import { l10n, MarkdownString, TreeItem, type CancellationToken } from 'vscode';
import type { ImageRecord } from '../../engine/model/image.ts';
import { imageStatusLabel } from '../../engine/model/status.ts';
import type { Session } from '../session.ts';
import { imageIcon } from './icons.ts';

export interface ImageNode {
  kind: 'image';
  /** What commands work on. */
  imageId: string;
  image: ImageRecord;
}

const failedStatuses = new Set(['qcFailed', 'failed', 'retryFailed']);

export function imageNode(image: ImageRecord): ImageNode {
  return { kind: 'image', imageId: image.id, image };
}

function nameOf(image: ImageRecord): string {
  if (image.title !== null && image.title !== '') return image.title;
  if (image.path !== null) return basename(image.path);
  return `${image.generation + 1}-${image.variation + 1}`;
}

export function imageItem({ image }: ImageNode): TreeItem {
  const item = new TreeItem(nameOf(image));
  const status = imageStatusLabel(image.status, image.failure);
  item.id = `image ${image.id}`;
  item.iconPath = imageIcon(image.status);
  item.description = status;
  item.contextValue = failedStatuses.has(image.status)
    ? image.originalPath === null && image.path === null
      ? 'image.failed'
      : 'image.failed.file'
    : 'image';
  item.command = {
    command: 'genImageFactory.viewImage',
    title: l10n.t('View Image'),
    arguments: [{ imageId: image.id }],
  };
  item.accessibilityInformation = { label: `${nameOf(image)}, ${status}` };
  return item;
}

/** Filled in when the mouse rests on the item. Texts of models are appended as text, never as markdown. */
export function resolveImageItem(
  session: Session,
  item: TreeItem,
  { image }: ImageNode,
  _token: CancellationToken,
): TreeItem {
  const text = new MarkdownString();
  text.supportHtml = false;
  const thumbnail = image.thumbnailPath === null ? null : session.resolvePath(image.thumbnailPath);
  if (thumbnail !== null) text.appendMarkdown(`![](${thumbnail.toString()})\n\n`);
  const reason = image.failure?.reason ?? (image.status === 'qcFailed' ? image.qcReason : null);
  const lines = [
    `${imageStatusLabel(image.status, image.failure)}${reason === null ? '' : `: ${reason}`}`,
    image.jobLabel,
    [image.provider, image.model, image.width === null ? null : `${image.width}×${image.height ?? 0}`]
      .filter((part) => part !== null && part !== '')
      .join(' · '),
    image.prompt.slice(0, 300),
  ];
  for (const line of lines) {
    text.appendText(line);
    text.appendMarkdown('\n\n');
  }
  item.tooltip = text;
  return item;
}
