/** Images first: quiet captions, marks only where something is chosen or wrong. */
import { css } from 'lit';

export const gridStyles = css`
  :host {
    display: block;
  }
  .list {
    position: relative;
    contain: layout style;
  }
  .tiles,
  .item {
    position: absolute;
    right: 16px;
    left: 16px;
  }
  .tiles {
    display: grid;
    grid-template-columns: repeat(var(--columns), minmax(0, 1fr));
    gap: 8px;
    height: calc(var(--tile) + 32px);
    contain: strict;
  }
  .tile {
    position: relative;
    display: grid;
    grid-template-rows: minmax(0, 1fr) 24px;
    height: calc(var(--tile) + 24px);
    min-width: 0;
    border-radius: 4px;
    cursor: pointer;
    contain: strict;
  }
  .picture {
    position: relative;
    overflow: hidden;
    border-radius: 4px;
    background: var(--vscode-editorWidget-background);
  }
  .picture img {
    display: block;
    width: 100%;
    height: 100%;
    object-fit: contain;
  }
  .picture .codicon {
    position: absolute;
    inset: 0;
    width: auto;
    height: 1em;
    margin: auto;
    font-size: 24px;
    color: var(--vscode-descriptionForeground);
  }
  .caption {
    display: flex;
    align-items: center;
    gap: 4px;
    min-width: 0;
    padding: 0 2px;
    color: var(--vscode-descriptionForeground);
    font-size: 12px;
  }
  .caption .codicon {
    font-size: 14px;
  }
  .tile:hover .caption,
  .tile:focus .caption {
    color: var(--vscode-foreground);
  }
  .tile:hover .picture {
    background: var(--vscode-list-hoverBackground);
  }
  .tile:focus-visible {
    outline: none;
  }
  .tile:focus-visible .picture {
    outline: 2px solid var(--vscode-focusBorder);
    outline-offset: -2px;
  }
  .tile[aria-selected='true'] .picture {
    background: var(--vscode-list-activeSelectionBackground);
    outline: 2px solid var(--vscode-focusBorder);
    outline-offset: -2px;
  }
  /* Among chosen ones the focus is the wider ring. */
  .tile[aria-selected='true']:focus-visible .picture {
    box-shadow: inset 0 0 0 5px var(--vscode-focusBorder);
  }
  .tile[aria-selected='true'] .picture img {
    transform: scale(0.9);
  }
  .check {
    position: absolute;
    top: 6px;
    left: 6px;
    display: none;
    width: 18px;
    height: 18px;
    border: 1px solid var(--vscode-checkbox-border, var(--vscode-contrastBorder));
    border-radius: 3px;
    background: var(--vscode-checkbox-background);
    color: var(--vscode-checkbox-foreground);
  }
  .check .codicon {
    position: static;
    width: 16px;
    height: 16px;
    margin: 0;
    font-size: 14px;
    line-height: 16px;
    color: inherit;
    visibility: hidden;
  }
  .tile:hover .check,
  .tile:focus-visible .check,
  .choosing .check,
  .item .check {
    display: block;
  }
  [aria-selected='true'] .check .codicon {
    visibility: visible;
  }

  .head,
  .item {
    display: grid;
    grid-template-columns:
      24px 44px minmax(90px, 2fr) minmax(90px, 4fr) minmax(80px, 1.4fr) minmax(100px, 1.1fr)
      84px 96px;
    align-items: center;
    gap: 10px;
  }
  .head {
    position: sticky;
    z-index: 1;
    top: var(--covered, 0);
    height: 26px;
    padding: 0 16px;
    border-bottom: 1px solid var(--vscode-panel-border, var(--vscode-contrastBorder, transparent));
    background: var(--vscode-editor-background);
    color: var(--vscode-descriptionForeground);
    font-size: 12px;
  }
  .item {
    height: 56px;
    padding: 0;
    border-bottom: 1px solid var(--vscode-panel-border, var(--vscode-contrastBorder, transparent));
    cursor: pointer;
    contain: strict;
  }
  .item > * {
    min-width: 0;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .item:hover {
    background: var(--vscode-list-hoverBackground);
  }
  .item[aria-selected='true'] {
    background: var(--vscode-list-activeSelectionBackground);
    color: var(--vscode-list-activeSelectionForeground);
  }
  .item[aria-selected='true'] .muted {
    color: inherit;
  }
  .item .prompt {
    display: -webkit-box;
    -webkit-box-orient: vertical;
    -webkit-line-clamp: 2;
    white-space: normal;
    line-height: 1.35;
    font-size: 12px;
  }
  .item .picture {
    width: 44px;
    height: 44px;
  }
  .item .check {
    position: static;
    overflow: visible;
  }
  .item .status {
    display: flex;
    align-items: center;
    gap: 4px;
  }
  @media (max-width: 860px) {
    .head,
    .item {
      grid-template-columns: 24px 44px minmax(90px, 2fr) minmax(100px, 3fr) minmax(96px, 1fr) 90px;
    }
    .wide {
      display: none;
    }
  }
  @media (max-width: 560px) {
    .head,
    .item {
      grid-template-columns: 24px 44px minmax(90px, 1fr) 116px;
    }
    .medium {
      display: none;
    }
  }
`;
