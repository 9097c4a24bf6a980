/** The settings editor: sections left, fields right, what is unsaved below. */
import { css } from 'lit';

export const settingsStyles = css`
  header {
    display: flex;
    flex: none;
    flex-wrap: wrap;
    align-items: center;
    gap: 8px 16px;
    padding: 12px 20px 10px;
  }
  .search {
    flex: 1 1 220px;
    max-width: 460px;
  }
  .body {
    display: flex;
    flex: 1 1 auto;
    min-height: 0;
  }
  nav {
    flex: none;
    width: 170px;
    padding: 6px 0 6px 8px;
    overflow-y: auto;
  }
  nav button.plain {
    display: block;
    width: 100%;
    padding: 4px 12px;
    border-radius: 3px;
  }
  nav button:hover {
    background: var(--vscode-list-hoverBackground);
  }
  nav button[aria-current='true'] {
    background: var(--vscode-list-inactiveSelectionBackground);
    color: var(--vscode-list-inactiveSelectionForeground, var(--vscode-foreground));
    outline: 1px dotted var(--vscode-contrastActiveBorder, transparent);
    outline-offset: -1px;
  }
  .fields {
    flex: 1 1 auto;
    min-width: 0;
    padding: 0 8px 24px;
    overflow-y: auto;
  }
  .machine {
    padding: 4px 14px 8px;
    color: var(--vscode-descriptionForeground);
    line-height: 1.5;
  }
  footer {
    display: flex;
    flex: none;
    flex-wrap: wrap;
    align-items: center;
    gap: 8px;
    padding: 10px 20px;
    border-top: 1px solid var(--vscode-panel-border, var(--vscode-contrastBorder, transparent));
    background: var(--vscode-editorWidget-background);
  }
  footer .state {
    flex: 1 1 160px;
  }
  @media (max-width: 640px) {
    nav {
      display: none;
    }
  }
`;
