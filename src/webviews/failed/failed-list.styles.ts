import { css } from 'lit';

export const failedListStyles = css`
  :host {
    display: block;
    padding: 0 16px 16px;
  }
  .list {
    position: relative;
  }
  .rows {
    position: absolute;
    inset: 0 0 auto;
  }
  .line {
    display: grid;
    grid-template-columns: repeat(var(--columns), minmax(0, 1fr));
    gap: 0 12px;
  }
  .card {
    display: grid;
    grid-template-columns: 16px 118px minmax(0, 1fr);
    align-items: start;
    gap: 0 10px;
    height: 152px;
    margin-bottom: 10px;
    padding: 12px;
    overflow: hidden;
    border: 1px solid var(--vscode-panel-border, var(--vscode-contrastBorder, transparent));
    border-radius: 4px;
    background: var(--vscode-editorWidget-background);
    cursor: pointer;
  }
  .list.list-layout .card {
    grid-template-columns: 24px 44px minmax(0, 1.4fr) minmax(0, 1.6fr) auto;
    align-items: center;
    height: 59px;
    margin: 0;
    padding: 0 8px;
    border-width: 0 0 1px;
    border-radius: 0;
    background: none;
  }
  .card:hover {
    background: var(--vscode-list-hoverBackground);
  }
  .card[aria-selected='true'] {
    outline: 2px solid var(--vscode-focusBorder);
    outline-offset: -2px;
  }
  .card:focus-visible {
    outline: 2px solid var(--vscode-focusBorder);
    outline-offset: -2px;
  }
  /* Among chosen ones the focus is the wider ring. */
  .card[aria-selected='true']:focus-visible {
    outline-width: 4px;
    outline-offset: -4px;
  }
  .check input {
    display: grid;
  }
  .picture {
    display: grid;
    place-items: center;
    width: 100%;
    height: 126px;
    overflow: hidden;
    border-radius: 4px;
    background: var(--vscode-editor-background);
    color: var(--vscode-descriptionForeground);
  }
  .list-layout .picture {
    height: 44px;
  }
  .picture img {
    width: 100%;
    height: 100%;
    object-fit: contain;
  }
  .text {
    display: flex;
    flex-direction: column;
    gap: 3px;
    min-width: 0;
    height: 126px;
  }
  .list-layout .text {
    height: auto;
  }
  .status {
    display: flex;
    align-items: center;
    gap: 5px;
    font-weight: 600;
  }
  .status:not(.fail) .ellipsis {
    color: var(--vscode-foreground);
  }
  .clamp {
    display: -webkit-box;
    flex: none;
    overflow: hidden;
    overflow-wrap: anywhere;
    -webkit-box-orient: vertical;
    -webkit-line-clamp: 2;
    line-height: 1.35;
  }
  .list-layout .clamp {
    -webkit-line-clamp: 1;
  }
  .buttons {
    display: flex;
    align-items: center;
    gap: 4px;
    margin-top: auto;
  }
  .list-layout .buttons {
    margin: 0;
  }
  .small {
    display: inline-flex;
    align-items: center;
    gap: 4px;
    height: 24px;
    padding: 0 8px;
    border: 1px solid var(--vscode-button-border, var(--vscode-contrastBorder, transparent));
    border-radius: 2px;
    background: var(--vscode-button-secondaryBackground);
    color: var(--vscode-button-secondaryForeground);
    font: inherit;
    cursor: pointer;
  }
  .small:hover:not(:disabled) {
    background: var(--vscode-button-secondaryHoverBackground);
  }
  .small:disabled {
    opacity: 0.45;
    cursor: default;
  }
  /* In a narrow panel the reason stays: a card shows a smaller image and buttons of words alone. */
  @media (max-width: 420px) {
    .list:not(.list-layout) .card {
      grid-template-columns: 16px 64px minmax(0, 1fr);
    }
    .small {
      padding: 0 6px;
    }
    .list:not(.list-layout) .small .codicon {
      display: none;
    }
  }
  /* Of a row first the prompt goes, then the words of the buttons. */
  @media (max-width: 680px) {
    .list.list-layout .card {
      grid-template-columns: 24px 44px minmax(0, 1fr) auto;
    }
    .list-layout .text + .text {
      display: none;
    }
  }
  @media (max-width: 440px) {
    .list-layout .small .word {
      display: none;
    }
  }
`;
