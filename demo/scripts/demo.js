/** The demo page. Each part is a module of its own; this file gives them their elements. */
import { initBuilder } from './builder.js';
import { initCopyButtons } from './copy.js';
import { stepAside } from './corner.js';
import { initIncidents } from './incidents.js';
import { initInstruments } from './instruments.js';
import { initPlayground } from './playground.js';
import { chatTag } from './tag.js';
import { initThemeToggle } from './theme.js';
import { signIn, visitorName } from './visitor.js';

const byId = (id) => document.getElementById(id);
const visitor = visitorName();

signIn(document.querySelector('xians-provider'), visitor);
initThemeToggle(byId('theme'), byId('theme-name'));

byId('hero-tag').textContent = chatTag(`${location.origin}/dist/xians-widgets.js`, 'bubble', {
  'server-url': location.origin,
  'tenant-id': 'acme',
  workflow: 'Support Agent:Chat Flow',
  'token-url': `${location.origin}/demo/token`,
});
initBuilder(byId('builder-form'), byId('built-tag'));
initCopyButtons(document.body);

for (const button of document.querySelectorAll('[data-show]')) {
  button.addEventListener('click', () => byId(button.dataset.show).show());
}
for (const link of document.querySelectorAll('[data-keep-visitor]')) {
  // At the click, since the theme may have changed.
  link.addEventListener('click', () => (link.search = location.search));
}

initIncidents(byId('incidents'), byId('incidents-said'));
initPlayground(byId('playground'), visitor);
initInstruments(document.querySelector('xians-provider'), byId('figures'));
stepAside(byId('bubble'));
