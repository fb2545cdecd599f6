import { createWatch } from './watch.mjs';

window.watch = createWatch(() => window.bench?.times() ?? []);
