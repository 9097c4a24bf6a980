/** One image as a tile of the grid or a row of the list. Text from models is only ever text. */
import type { TemplateResult } from 'lit';
import { html, nothing } from 'lit';
import { imageName } from '../../engine/model/imageName.ts';
import { shorten } from '../../engine/model/shorten.ts';
import { slotName } from '../../engine/model/slot.ts';
import type { ImageStatus } from '../../engine/model/status.ts';
import { imageStatusLabel, statusGroups } from '../../engine/model/status.ts';
import { formatDateTime, formatWhen } from '../format.ts';
import type { ImageTile } from '../protocol.ts';
import type { IconName } from './icon.ts';
import { icon } from './icon.ts';
import { imageSubject } from './subject.ts';

export interface TileInput {
  /** Undefined while its page is on the way. */
  tile: ImageTile | undefined;
  index: number;
  /** 0-based column of the row. */
  column: number;
  active: boolean;
  selected: boolean;
  now: number;
  /** CSS of the row's place in the list; rows of one tile bear it themselves. */
  place: string;
}

const statusIcons: Record<ImageStatus, IconName> = {
  pending: 'watch',
  processing: 'sync',
  approved: 'pass',
  qcFailed: 'circle-slash',
  failed: 'error',
  retryPending: 'watch',
  retryFailed: 'error',
};

function groupOf(status: ImageStatus): 'pass' | 'fail' | 'pending' {
  if ((statusGroups.pass as readonly string[]).includes(status)) return 'pass';
  return (statusGroups.fail as readonly string[]).includes(status) ? 'fail' : 'pending';
}

function statusMark(tile: Pick<ImageTile, 'status'>): TemplateResult {
  return html`<span class=${groupOf(tile.status)}>${icon(statusIcons[tile.status])}</span>`;
}

/** Longer names are not read to the end, neither in a hover text nor aloud; the viewer has all of it. */
const longestName = 200;

/** What a tile is called; an image without a name is called by its place in the job. */
export function tileName(tile: ImageTile): string {
  const name = imageName({ title: tile.title, prompt: tile.promptExcerpt });
  return shorten(name ?? `Image ${slotName(tile)}`, longestName);
}

function image(tile: ImageTile | undefined): TemplateResult {
  if (tile === undefined) return html`<div class="picture skeleton"></div>`;
  if (tile.thumbnail === null) return html`<div class="picture">${icon('file-media')}</div>`;
  return html`<div class="picture">
    <img src=${tile.thumbnail} alt="" decoding="async" draggable="false" @error=${hide} />
  </div>`;
}

/** A thumbnail that is gone leaves an empty tile instead of the browser's broken image. */
function hide(event: Event): void {
  if (event.target instanceof HTMLImageElement) event.target.hidden = true;
}

const check = html`<span class="check" aria-hidden="true">${icon('check')}</span>`;

export function renderTile({ tile, index, column, active, selected }: TileInput): TemplateResult {
  const name = tile === undefined ? 'Loading' : tileName(tile);
  const status = tile === undefined ? '' : imageStatusLabel(tile.status, tile.failure);
  return html`<div
    class="tile"
    role="gridcell"
    data-index=${index}
    data-vscode-context=${tile === undefined ? nothing : imageSubject(tile)}
    tabindex=${active ? 0 : -1}
    aria-colindex=${column + 1}
    aria-selected=${selected}
    aria-label=${tile === undefined ? name : `${name}, ${status}`}
    title=${name}
  >
    ${image(tile)} ${check}
    <div class="caption">
      ${tile === undefined || tile.status === 'approved' ? nothing : statusMark(tile)}
      ${
        tile !== undefined && tile.softFailures.length > 0
          ? html`<span class="pending">${icon('warning')}</span>`
          : nothing
      }
      <span class="ellipsis" dir="auto">${tile === undefined ? '' : name}</span>
    </div>
  </div>`;
}

export function renderListHead(): TemplateResult {
  return html`<div class="head" aria-hidden="true">
    <span></span><span></span><span>Title</span><span class="medium">Prompt</span><span class="wide">Job</span
    ><span>Status</span><span class="wide">Size</span><span class="medium">Created</span>
  </div>`;
}

export function renderListRow({ tile, index, active, selected, now, place }: TileInput): TemplateResult {
  if (tile === undefined) {
    return html`<div
      class="item"
      role="row"
      .style=${place}
      data-index=${index}
      tabindex=${active ? 0 : -1}
      aria-label="Loading"
    >
      <span role="gridcell"></span>
      <div role="gridcell">${image(undefined)}</div>
    </div>`;
  }
  const status = imageStatusLabel(tile.status, tile.failure);
  const title = shorten(tile.title ?? tile.fileName ?? '', longestName);
  const size = tile.width === null || tile.height === null ? '' : `${tile.width} × ${tile.height}`;
  return html`<div
    class="item"
    role="row"
    .style=${place}
    data-index=${index}
    data-vscode-context=${imageSubject(tile)}
    tabindex=${active ? 0 : -1}
    aria-rowindex=${index + 1}
    aria-selected=${selected}
    aria-label="${tileName(tile)}, ${status}"
  >
    <span role="gridcell">${check}</span>
    <div role="gridcell">${image(tile)}</div>
    <span role="gridcell" dir="auto" title=${title}>${title}</span>
    <span role="gridcell" class="medium muted" title=${tile.promptExcerpt}
      ><span class="prompt" dir="auto">${tile.promptExcerpt}</span></span
    >
    <span role="gridcell" class="wide muted" dir="auto" title=${tile.jobLabel}>${tile.jobLabel}</span>
    <span role="gridcell"
      ><span class="status">${statusMark(tile)}<span class="ellipsis">${status}</span></span></span
    >
    <span role="gridcell" class="wide muted number">${size}</span>
    <span role="gridcell" class="medium muted number" title=${formatDateTime(tile.createdAt)}
      >${formatWhen(tile.createdAt, now)}</span
    >
  </div>`;
}
