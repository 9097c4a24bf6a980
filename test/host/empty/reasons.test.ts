import assert from 'node:assert/strict';
import { activeApi, run } from '../host.ts';
import { errorShownBy } from '../shownErrors.ts';

describe('Commands without a folder', () => {
  const commands = [
    ...[
      'startJob',
      'testWith3Rows',
      'startRowsNotDone',
      'startSampleJob',
      'stopJob',
      'resumeJob',
      'rerunJob',
    ],
    ...['retryFailedImages', 'approveFailedImages', 'exportJob', 'previewPrompts', 'cleanUp', 'chooseFolder'],
    ...['openDashboard', 'openGallery', 'openJobManagement', 'openFailedImagesReview', 'openSettingsEditor'],
  ];
  for (const command of commands) {
    it(`W4: ${command} says that no folder is open, and what to do`, async () => {
      const told = await errorShownBy(await activeApi(), () => run(command));
      assert.match(told, /No folder is open\. Open a folder to make images in it\./);
    });
  }
});
