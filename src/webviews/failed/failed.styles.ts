import { css } from 'lit';

export const failedStyles = css`
  .head {
    display: flex;
    flex: none;
    flex-direction: column;
    gap: 8px;
    padding: 12px 16px 8px;
  }
  factory-tab-bar {
    margin: 0 -16px;
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
