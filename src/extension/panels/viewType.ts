import type { ViewName } from '../../webviews/protocol.ts';

/** As in `onWebviewPanel:` and in `webview/context` menus. */
export function viewType(view: ViewName): string {
  return `genImageFactory.${view}`;
}
