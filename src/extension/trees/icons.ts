/** Status icons: VS Code's own test colours, so that they fit every theme. Never colour alone: each has its own shape. */
import { ThemeColor, ThemeIcon } from 'vscode';
import type { ImageStatus, JobStatus } from '../../engine/model/status.ts';

function icon(name: string, color?: string): ThemeIcon {
  return color === undefined ? new ThemeIcon(name) : new ThemeIcon(name, new ThemeColor(color));
}

export function jobIcon(status: JobStatus): ThemeIcon {
  switch (status) {
    case 'queued':
      return icon('watch', 'testing.iconQueued');
    case 'running':
      return icon('sync~spin');
    case 'paused':
      return icon('debug-pause', 'list.warningForeground');
    case 'completed':
      return icon('pass', 'testing.iconPassed');
    case 'failed':
      return icon('error', 'testing.iconFailed');
    case 'stopped':
      return icon('circle-slash', 'testing.iconSkipped');
    case 'interrupted':
      return icon('debug-disconnect', 'list.warningForeground');
  }
}

export function imageIcon(status: ImageStatus): ThemeIcon {
  switch (status) {
    case 'pending':
      return icon('circle-large-outline', 'testing.iconQueued');
    case 'processing':
      return icon('sync~spin');
    case 'approved':
      return icon('pass', 'testing.iconPassed');
    case 'qcFailed':
      return icon('thumbsdown', 'testing.iconFailed');
    case 'failed':
      return icon('error', 'testing.iconFailed');
    case 'retryPending':
      return icon('history', 'testing.iconQueued');
    case 'retryFailed':
      return icon('error', 'testing.iconErrored');
  }
}
