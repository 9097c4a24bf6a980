/** Codicons by name. The font is loaded by each view's style sheet; a test compares this table with the font's own. */
import type { TemplateResult } from 'lit';
import { html } from 'lit';

export const iconCodes = {
  add: 0xea60,
  archive: 0xea98,
  'arrow-down': 0xea9a,
  'arrow-up': 0xeaa1,
  beaker: 0xea79,
  check: 0xeab2,
  'check-all': 0xebb1,
  'chevron-down': 0xeab4,
  'chevron-left': 0xeab5,
  'chevron-right': 0xeab6,
  'circle-slash': 0xeabd,
  'clear-all': 0xeabf,
  close: 0xea76,
  copy: 0xebcc,
  'debug-continue': 0xeacf,
  'debug-pause': 0xead1,
  'debug-rerun': 0xebc0,
  'debug-stop': 0xead7,
  edit: 0xea73,
  ellipsis: 0xea7c,
  error: 0xea87,
  export: 0xebac,
  eye: 0xea70,
  'file-media': 0xeaea,
  'folder-opened': 0xeaf7,
  'go-to-file': 0xea94,
  history: 0xea82,
  inbox: 0xeb09,
  info: 0xea74,
  key: 0xeb11,
  layout: 0xebeb,
  lightbulb: 0xea61,
  'link-external': 0xeb14,
  'list-flat': 0xeb84,
  loading: 0xeb19,
  menu: 0xeb94,
  pass: 0xeba4,
  play: 0xeb2c,
  refresh: 0xeb37,
  remove: 0xeb3b,
  save: 0xeb4b,
  'screen-normal': 0xeb4d,
  search: 0xea6d,
  'settings-gear': 0xeb51,
  'stop-circle': 0xeba5,
  sync: 0xea77,
  trash: 0xea81,
  warning: 0xea6c,
  watch: 0xeb7c,
  'zoom-in': 0xeb81,
  'zoom-out': 0xeb82,
} as const;
export type IconName = keyof typeof iconCodes;

/** Decoration only: the words beside it, or the label of its button, say what it means. */
export function icon(name: IconName, spin = false): TemplateResult {
  const glyph = String.fromCharCode(iconCodes[name]);
  return html`<span class=${spin ? 'codicon spin' : 'codicon'} aria-hidden="true">${glyph}</span>`;
}
