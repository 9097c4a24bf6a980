import { css } from 'lit';

export const failedStyles = css`
  .head {
    display: flex;
    flex: none;
    flex-direction: column;
    gap: 8px;
    padding: 12px 16px 8px;
  }
  h1 {
    font-size: 1.5em;
    font-weight: 600;
  }
  .tabs {
    display: flex;
    flex-wrap: wrap;
    gap: 4px;
    margin: 0 -8px;
    border-bottom: 1px solid var(--vscode-panel-border, var(--vscode-contrastBorder, transparent));
  }
  .tabs button {
    padding: 6px 8px;
    border-bottom: 1px solid transparent;
    color: var(--vscode-panelTitle-inactiveForeground);
  }
  .tabs button[aria-selected='true'] {
    border-bottom-color: var(--vscode-panelTitle-activeBorder);
    color: var(--vscode-panelTitle-activeForeground);
  }
  .filters {
    flex-wrap: wrap;
    gap: 6px;
  }
  .search {
    flex: 1 1 160px;
    max-width: 320px;
  }
  .line {
    flex-wrap: wrap;
    min-height: 26px;
    gap: 4px 12px;
  }
  .scroller {
    flex: 1 1 auto;
    min-height: 0;
    overflow-y: auto;
  }
`;
