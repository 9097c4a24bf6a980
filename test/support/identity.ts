/** Tests have a secret of their own: the developer's stays untouched, and processes that a test starts share it. */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { identityVariable } from '../../src/engine/files/userFolder.ts';

process.env[identityVariable] ??= join(tmpdir(), `gen-image-factory-test-identity-${process.pid}`);
