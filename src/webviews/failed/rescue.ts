/** The two ways to rescue an image in the viewer, by button and by key. */
import type { TemplateResult } from 'lit';
import { html } from 'lit';

export type Rescue = 'approve' | 'retry';

/** What a key stands for, with Caps Lock too; undefined for every other key. */
export function rescueOf(key: string): Rescue | undefined {
  const keys: Record<string, Rescue> = { a: 'approve', r: 'retry' };
  return keys[key.toLowerCase()];
}

export function renderRescueButtons(act: (rescue: Rescue) => void): TemplateResult {
  return html`<vscode-button slot="actions" title="Approve (A)" @click=${() => act('approve')}
      >Approve</vscode-button
    >
    <vscode-button slot="actions" appearance="secondary" title="Retry (R)" @click=${() => act('retry')}
      >Retry</vscode-button
    >`;
}
