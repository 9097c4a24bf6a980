/** Addresses of the workbench of a running server. */
import { resolve } from 'node:path';

export interface WorkbenchTarget {
  /** `127.0.0.1:PORT` of the server. */
  authority: string;
  /** Absolute path of a folder or a .code-workspace file; absent: an empty window. */
  workspace?: string | undefined;
  /** Absolute paths of extensions under development. */
  extensions?: readonly string[];
  /** Absolute path of a script whose `run()` the extension host calls. */
  tests?: string | undefined;
}

/** The address that opens a window; a server with `driver` takes extensions and tests from it. */
export function workbenchAddress({ authority, workspace, extensions = [], tests }: WorkbenchTarget): string {
  const remote = (path: string): string => `vscode-remote://${authority}${resolve(path)}`;
  const query = new URLSearchParams();
  const payload = extensions.map((path) => ['extensionDevelopmentPath', remote(path)]);
  if (tests !== undefined) payload.push(['extensionTestsPath', remote(tests)]);
  if (payload.length > 0) query.set('payload', JSON.stringify([...payload, ['skipWelcome', 'true']]));
  if (workspace !== undefined) {
    query.set(workspace.endsWith('.code-workspace') ? 'workspace' : 'folder', resolve(workspace));
  } else {
    query.set('ew', 'true');
  }
  return `http://${authority}/?${query.toString()}`;
}
