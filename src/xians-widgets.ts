/**
 * The script tag: defines the tags, adds the floating chat that the tag's `data-` attributes describe, and runs the
 * commands that the page has queued at `window.XiansWidgets`.
 */
import { defineElements } from './elements/define.ts';
import { chatFromScript, ownScriptTags, takeOverQueue, whenBody } from './elements/script-tag.ts';

defineElements();
const tags = ownScriptTags(import.meta.url);
whenBody(() => {
  for (const tag of tags) chatFromScript(tag);
  takeOverQueue();
});
