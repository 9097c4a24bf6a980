/** One quiet page: a header that stays out of the way, sections divided by lines. */
import { css } from 'lit';

export const dashboardStyles = css`
  .page {
    flex: 1 1 auto;
    min-height: 0;
    overflow-y: auto;
  }
  header {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 8px;
    padding: 12px 16px 4px;
  }
  factory-job-statistics {
    display: block;
    padding: 8px 16px 14px;
  }
  section,
  factory-image-gallery {
    border-top: 1px solid var(--vscode-panel-border, var(--vscode-contrastBorder, transparent));
  }
  .title {
    min-height: 32px;
    padding: 4px 16px 0;
  }
  .current {
    display: flex;
    flex-direction: column;
    gap: 10px;
    padding: 4px 16px 14px;
  }
  .plan {
    display: flex;
    align-items: flex-start;
    gap: 8px;
  }
  .fold {
    display: inline-flex;
    align-items: center;
    align-self: flex-start;
    gap: 4px;
    margin-left: -4px;
    padding: 2px 6px 2px 0;
  }
  factory-log-view {
    height: 240px;
  }
  factory-job-history {
    display: block;
    padding-bottom: 10px;
  }
  .wait {
    height: 72px;
    margin: 0 16px 12px;
  }
  .current .wait {
    margin: 0;
  }
  vscode-button .codicon {
    margin-right: 4px;
  }
`;
