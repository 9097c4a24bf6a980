/** The viewer fills the panel; on narrow panels the facts stand below the image. */
import { css } from 'lit';

export const viewerStyles = css`
  dialog {
    width: 100vw;
    height: 100vh;
    max-width: none;
    max-height: none;
    margin: 0;
    padding: 0;
    border: none;
    background: var(--vscode-editor-background);
    color: inherit;
    overflow: hidden;
  }
  dialog[open] {
    display: grid;
    /* A column as wide as the panel: a long title must not widen it. */
    grid-template: auto minmax(0, 1fr) / minmax(0, 1fr);
  }
  .bar {
    position: relative;
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 4px 12px;
    min-height: 36px;
    padding: 4px 8px;
    border-bottom: 1px solid var(--vscode-panel-border, var(--vscode-contrastBorder, transparent));
  }
  .bar h2 {
    flex: 1 1 160px;
    font-weight: 600;
  }
  .tight {
    gap: 2px;
    flex-wrap: wrap;
  }
  .gap {
    width: 8px;
  }
  .bar .zoom {
    min-width: 44px;
    text-align: center;
  }
  .body {
    display: grid;
    grid-template-columns: minmax(0, 1fr) 340px;
    min-height: 0;
  }
  factory-image-stage {
    min-height: 0;
  }
  factory-image-stage:focus-visible {
    outline: none;
  }
  .facts {
    min-height: 0;
    height: 100%;
    padding: 0 8px;
    overflow: auto;
    border-left: 1px solid var(--vscode-panel-border, var(--vscode-contrastBorder, transparent));
  }
  vscode-panel-view {
    display: block;
    padding: 12px 8px 16px;
  }
  vscode-panel-view[hidden] {
    display: none;
  }
  dl {
    display: grid;
    gap: 10px;
    margin: 0;
  }
  .fact {
    display: grid;
    grid-template-columns: 112px minmax(0, 1fr);
    gap: 8px;
  }
  .fact.long {
    grid-template-columns: minmax(0, 1fr);
    gap: 2px;
  }
  dt {
    color: var(--vscode-descriptionForeground);
    overflow-wrap: anywhere;
  }
  dd {
    margin: 0;
    overflow-wrap: anywhere;
    white-space: pre-wrap;
    user-select: text;
  }
  .close {
    display: flex;
  }
  /* Wherever the bar breaks into rows, Close stays in the corner. */
  @media (max-width: 480px) {
    .bar h2 {
      flex-basis: 100%;
    }
    .tight {
      gap: 0;
    }
    .gap {
      display: none;
    }
    .bar .zoom {
      min-width: 40px;
    }
    .close {
      position: absolute;
      top: 4px;
      right: 8px;
    }
  }
  @media (max-width: 760px) {
    .body {
      grid-template-columns: minmax(0, 1fr);
      grid-template-rows: minmax(0, 1fr) minmax(0, 1fr);
    }
    .facts {
      border-left: none;
      border-top: 1px solid var(--vscode-panel-border, var(--vscode-contrastBorder, transparent));
    }
  }
`;
