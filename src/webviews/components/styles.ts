/** What every element shares: the editor's font and colours, focus, icons, buttons, skeletons. */
import { css } from 'lit';

export const baseStyles = css`
  :host {
    box-sizing: border-box;
    color: var(--vscode-foreground);
    font-family: var(--vscode-font-family);
    font-size: var(--vscode-font-size);
  }
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }
  [hidden] {
    display: none !important;
  }
  h1,
  h2,
  h3,
  p {
    margin: 0;
    font-size: inherit;
    font-weight: inherit;
  }
  .codicon {
    flex: none;
    display: inline-block;
    width: 1em;
    font: normal 16px/1 codicon;
    text-align: center;
    vertical-align: text-bottom;
    -webkit-font-smoothing: antialiased;
    user-select: none;
  }
  .spin {
    animation: spin 1.5s linear infinite;
  }
  @keyframes spin {
    to {
      transform: rotate(1turn);
    }
  }
  .visually-hidden {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  .muted {
    color: var(--vscode-descriptionForeground);
  }
  .number {
    font-variant-numeric: tabular-nums;
  }
  .ellipsis {
    min-width: 0;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .row {
    display: flex;
    align-items: center;
    gap: 8px;
    min-width: 0;
  }
  .grow {
    flex: 1 1 auto;
    min-width: 0;
  }
  .section-title {
    font-size: 11px;
    font-weight: 600;
    letter-spacing: 0.04em;
    text-transform: uppercase;
    color: var(--vscode-sideBarSectionHeader-foreground, var(--vscode-foreground));
  }
  :focus-visible {
    outline: 1px solid var(--vscode-focusBorder);
    outline-offset: -1px;
  }
  /* As large as the toolkit's checkbox, and drawn like it. */
  input[type='checkbox'],
  input[type='radio'] {
    appearance: none;
    flex: none;
    display: inline-grid;
    place-items: center;
    width: 18px;
    height: 18px;
    margin: 0;
    border: 1px solid var(--vscode-checkbox-border, var(--vscode-contrastBorder, transparent));
    border-radius: 3px;
    background: var(--vscode-checkbox-background);
    color: var(--vscode-checkbox-foreground, var(--vscode-foreground));
    cursor: pointer;
  }
  input[type='radio'] {
    border-radius: 50%;
  }
  input[type='checkbox']:checked::before {
    content: '\\eab2';
    font: 14px/1 codicon;
  }
  input[type='radio']:checked::before {
    content: '';
    width: 8px;
    height: 8px;
    border-radius: 50%;
    background: currentColor;
  }
  input[type='checkbox']:disabled,
  input[type='radio']:disabled {
    opacity: 0.4;
    cursor: default;
  }
  button.plain {
    padding: 0;
    border: none;
    background: none;
    color: inherit;
    font: inherit;
    text-align: inherit;
    cursor: pointer;
  }
  button.link {
    color: var(--vscode-textLink-foreground);
  }
  button.link:hover {
    color: var(--vscode-textLink-activeForeground);
    text-decoration: underline;
  }
  .skeleton {
    border-radius: 2px;
    background: var(--vscode-editorWidget-background);
    animation: pulse 1.6s ease-in-out infinite alternate;
  }
  @keyframes pulse {
    to {
      opacity: 0.45;
    }
  }
  /* Mixed with the text colour, because light themes' own tones are too pale for words. */
  .pass {
    color: color-mix(in srgb, var(--vscode-charts-green) 72%, var(--vscode-foreground));
  }
  .fail {
    color: color-mix(in srgb, var(--vscode-errorForeground) 85%, var(--vscode-foreground));
  }
  .pending {
    color: color-mix(in srgb, var(--vscode-editorWarning-foreground) 72%, var(--vscode-foreground));
  }
  .running {
    color: var(--vscode-progressBar-background);
  }
  @media (prefers-reduced-motion: reduce) {
    .spin,
    .skeleton {
      animation: none;
    }
  }
  :host-context(.vscode-reduce-motion) .spin,
  :host-context(.vscode-reduce-motion) .skeleton {
    animation: none;
  }
`;

/** An icon button of VS Code's toolbars: no box until it is pointed at. */
export const iconButtonStyles = css`
  button.icon {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    flex: none;
    width: 22px;
    height: 22px;
    padding: 0;
    border: 1px solid transparent;
    border-radius: 5px;
    background: none;
    color: var(--vscode-icon-foreground);
    cursor: pointer;
  }
  button.icon:hover:not(:disabled) {
    background: var(--vscode-toolbar-hoverBackground);
    border-color: var(--vscode-contrastActiveBorder, transparent);
  }
  button.icon[aria-pressed='true'] {
    background: var(--vscode-inputOption-activeBackground);
    color: var(--vscode-inputOption-activeForeground);
    border-color: var(--vscode-inputOption-activeBorder, transparent);
  }
  button.icon:disabled {
    opacity: 0.4;
    cursor: default;
  }
`;

/** A search field with its sign inside. */
export const searchStyles = css`
  .search {
    position: relative;
  }
  .search input {
    width: 100%;
    padding-left: 26px;
  }
  .search .codicon {
    position: absolute;
    top: 5px;
    left: 6px;
    color: var(--vscode-descriptionForeground);
    pointer-events: none;
  }
`;

export const fieldStyles = css`
  input.field,
  select.field,
  textarea.field {
    min-width: 0;
    height: 26px;
    padding: 2px 6px;
    border: 1px solid var(--vscode-input-border, var(--vscode-settings-textInputBorder, transparent));
    border-radius: 2px;
    background: var(--vscode-input-background);
    color: var(--vscode-input-foreground);
    font: inherit;
  }
  select.field {
    border-color: var(--vscode-dropdown-border, transparent);
    background: var(--vscode-dropdown-background);
    color: var(--vscode-dropdown-foreground);
  }
  textarea.field {
    height: auto;
    resize: vertical;
  }
  input.field::placeholder {
    color: var(--vscode-input-placeholderForeground);
    opacity: 1;
  }
  .field:focus {
    outline: 1px solid var(--vscode-focusBorder);
    outline-offset: -1px;
  }
`;

/** Tables of jobs where there is little room: of the status the icon is left, and its word for screen readers. */
export const narrowStatusStyles = css`
  @media (max-width: 420px) {
    .status {
      width: 34px;
      text-overflow: clip;
    }
    th.status,
    .badge span:last-child {
      font-size: 0;
    }
  }
`;
