/** What `?theme=` may say, in the order in which the button goes through them. `''` is the system's choice. */
const THEMES = { '': 'as the system', light: 'light', dark: 'dark' };

/** Applies the theme in the address. It stays there, like the visitor's name, so that nothing has to be stored. */
export function applyTheme() {
  const theme = currentTheme();
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
}

/** Has `button` go through the themes, and `label` name the current one. */
export function initThemeToggle(button, label) {
  const show = () => {
    applyTheme();
    label.textContent = THEMES[currentTheme()];
  };
  button.addEventListener('click', () => {
    const names = Object.keys(THEMES);
    const next = names[(names.indexOf(currentTheme()) + 1) % names.length];
    const url = new URL(location.href);
    if (next) url.searchParams.set('theme', next);
    else url.searchParams.delete('theme');
    window.history.replaceState(null, '', url);
    show();
  });
  show();
}

function currentTheme() {
  const theme = new URL(location.href).searchParams.get('theme') ?? '';
  return Object.hasOwn(THEMES, theme) ? theme : '';
}
