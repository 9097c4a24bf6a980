/** Filters and counts above, images below; inside a longer page the filters stay in sight. */
import { css } from 'lit';

export const galleryStyles = css`
  :host {
    display: flex;
    flex-direction: column;
    min-height: 0;
  }
  .head {
    flex: none;
    display: flex;
    flex-direction: column;
    gap: 6px;
    padding: 8px 16px;
    background: var(--vscode-editor-background);
  }
  :host([embedded]) .head {
    position: sticky;
    z-index: 2;
    top: 0;
  }
  .scroller {
    position: relative;
    flex: 1 1 auto;
    min-height: 0;
    overflow-y: auto;
  }
  .body {
    padding: 4px 0 16px;
  }
  .line {
    flex-wrap: wrap;
    min-height: 26px;
    gap: 4px 14px;
  }
  .counts {
    display: flex;
    flex-wrap: wrap;
    gap: 4px 14px;
    margin: 0;
  }
  .counts b {
    font-weight: 600;
  }
  .fresh {
    position: sticky;
    z-index: 3;
    top: calc(var(--covered, 0px) + 8px);
    display: flex;
    align-items: flex-start;
    justify-content: center;
    height: 0;
  }
  .fresh .codicon {
    margin-right: 4px;
  }
  .empty {
    min-height: 240px;
  }
`;
