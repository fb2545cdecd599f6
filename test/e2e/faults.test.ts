import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { runScene } from './faults/run-scene.ts';
import { scenes } from './faults/scenes.ts';
import { Stage } from './faults/stage.ts';

/**
 * One run of each fault that ends soon; `npm run test:faults` plays all of them many times and measures. Each list has a
 * browser and a server of its own.
 */
const LISTS = {
  'while its server runs': [
    'connections cut',
    'token ended, hub cut',
    '401 mid-stream (SSE and REST)',
    'tab frozen, connections cut',
    'away and back (bfcache)',
    'offline, then online',
  ],
  'while its server is away': ['server killed, back after 3 s'],
};

describe('a page that something happens to', { concurrency: 2 }, () => {
  for (const [where, names] of Object.entries(LISTS)) {
    // One after another: they break the same server.
    describe(where, { concurrency: 1 }, () => {
      let stage: Stage;
      before(async () => {
        stage = await Stage.start();
      });
      after(() => stage.stop());

      for (const name of names) {
        it(`loses nothing, shows nothing twice, and is well again: ${name}`, async () => {
          const scene = scenes.find((each) => each.name === name);
          assert.ok(scene, `There is a scene "${name}".`);
          const { missing, twice, words } = await runScene(stage, scene, 1);
          assert.deepEqual({ missing, twice }, { missing: [], twice: [] });
          assert.match(words.at(-1) ?? '', /^Connected/);
        });
      }
    });
  }
});
