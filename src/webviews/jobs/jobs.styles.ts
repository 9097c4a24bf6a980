import { css } from 'lit';

export const jobsStyles = css`
  .head {
    display: flex;
    flex: none;
    flex-direction: column;
    gap: 10px;
    padding: 12px 16px 8px;
  }
  .line {
    flex-wrap: wrap;
    min-height: 26px;
    gap: 4px 12px;
  }
  .table {
    flex: 1 1 auto;
    min-height: 0;
    overflow-y: auto;
  }
  .skeletons {
    display: flex;
    flex-direction: column;
    gap: 8px;
    padding: 12px 16px;
  }
  .skeletons div {
    height: 22px;
  }
`;
