import { applyTheme } from './theme.js';
import { signIn, visitorName } from './visitor.js';

/** What the showcase agent knows by name: demo/server/showcase.ts. */
const KINDS = [
  ['card', 'fields', 'list', 'table', 'long-table'],
  ['bars', 'line', 'donut'],
  ['buttons', 'quick-replies', 'suggestions', 'form', 'approval', 'own-kind'],
  ['markdown', 'code', 'maths', 'sources', 'picture', 'files'],
  ['steps', 'handoff', 'silence', 'unfinished', 'empty', 'zalgo'],
].flat();

const LOCALES =
  'ar bg cs da de el en es fa fi fr he hi hu id it ja ko nb nl pl pt pt-BR ro ru sv th tr uk vi zh-Hans zh-Hant'.split(
    ' ',
  );

applyTheme();
signIn(document.querySelector('xians-provider'), visitorName());
const chat = document.querySelector('xians-chat');

for (const kind of [...KINDS, 'everything']) {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'kind';
  button.textContent = kind;
  button.addEventListener('click', () => {
    chat.show();
    void chat.send(kind);
  });
  document.getElementById('kinds').append(button);
}

const form = document.getElementById('looks');
for (const tag of LOCALES) {
  const name = new Intl.DisplayNames([tag], { type: 'language' }).of(tag);
  form.elements.locale.add(new window.Option(`${name} (${tag})`, tag));
}

/** Sets an attribute, or takes it away where there is nothing to say. */
function say(element, name, value) {
  if (value) element.setAttribute(name, value);
  else element.removeAttribute(name);
}

form.addEventListener('input', () => {
  const { locale, dir, scheme, theme, density, display } = Object.fromEntries(new window.FormData(form));
  say(chat, 'locale', locale);
  say(chat, 'density', density);
  say(chat, 'display', display);
  say(document.querySelector('.stage'), 'dir', dir);
  say(document.documentElement, 'data-theme', scheme);
  for (const sheet of document.querySelectorAll('link[data-theme-name]')) {
    sheet.disabled = sheet.dataset.themeName !== theme;
  }
});

form.elements.accent.addEventListener('input', ({ target }) => {
  chat.style.setProperty('--xians-accent-color', target.value);
});
