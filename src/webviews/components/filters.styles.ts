/** Bars of filters above lists: one look for jobs and failed images. */
import { css } from 'lit';

export const filterStyles = css`
  /* Their lists open over what is below. */
  :host {
    position: relative;
    z-index: 10;
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 6px;
  }
  .search {
    position: relative;
    flex: 1 1 180px;
    max-width: 420px;
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
  vscode-dropdown {
    width: 124px;
  }
  .days {
    display: flex;
    align-items: center;
    gap: 4px;
  }
  input[type='date'] {
    width: 118px;
  }
  input[type='date'].unset:not(:focus) {
    color: var(--vscode-input-placeholderForeground);
  }
`;
