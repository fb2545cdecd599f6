import { expect, fixture, html } from '@open-wc/testing';
import { LitElement } from 'lit';
import { theme } from '../../src/elements/theme.ts';
import { viewTheme } from '../../src/elements/view-theme.ts';

/** An element with the tokens of all elements. Its tag is one that themes name, which nothing on this page defines. */
class Tokens extends LitElement {
  static override styles = [theme, viewTheme];
}
customElements.define('incident-feed', Tokens);

/** Text on what is behind it. */
const PAIRS = [
  ['text', 'background'],
  ['muted', 'background'],
  ['text', 'surface'],
  ['muted', 'surface'],
  ['accent-text', 'background'],
  ['accent-text', 'surface'],
  ['on-accent', 'accent'],
  ['success', 'background'],
  ['warning', 'background'],
  ['danger', 'background'],
  ['focus', 'background'],
] as const;

const context = document.createElement('canvas').getContext('2d', { willReadFrequently: true })!;

/** Relative luminance of a CSS colour. @see https://www.w3.org/TR/WCAG22/#dfn-relative-luminance */
function luminance(color: string): number {
  context.clearRect(0, 0, 1, 1);
  context.fillStyle = color;
  context.fillRect(0, 0, 1, 1);
  const [r, g, b] = [...context.getImageData(0, 0, 1, 1).data].map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}

function contrast(one: string, other: string): number {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light! + 0.05) / (dark! + 0.05);
}

async function expectReadable(element: Element, what: string): Promise<void> {
  const root = element.shadowRoot!;
  const probe = root.appendChild(document.createElement('span'));
  const colorOf = (token: string) => {
    probe.style.color = `var(--_${token})`;
    return getComputedStyle(probe).color;
  };
  for (const [text, ground] of PAIRS) {
    const ratio = contrast(colorOf(text), colorOf(ground));
    expect(ratio, `${what}: ${text} on ${ground}`).to.be.at.least(4.5);
  }
  probe.remove();
}

/** Such an element with `style`, in a place of that colour scheme. */
async function tokensIn(scheme: string, style = ''): Promise<Element> {
  const place = await fixture(
    html`<div style="color-scheme: ${scheme}"><incident-feed></incident-feed></div>`,
  );
  const element = place.firstElementChild as HTMLElement;
  element.style.cssText = style;
  return element;
}

describe('the tokens', () => {
  for (const scheme of ['light', 'dark']) {
    it(`can be read by themselves, ${scheme}`, async () => {
      await expectReadable(await tokensIn(scheme), scheme);
    });

    for (const brand of [
      '#ffd400',
      '#e30613',
      '#00b894',
      '#0a0a0a',
      '#fafafa',
      '#767676',
      '#1877f2',
      '#ff7eb6',
    ]) {
      it(`stay readable with ${brand} as the accent, ${scheme}`, async () => {
        await expectReadable(await tokensIn(scheme, `--xians-accent-color: ${brand}`), brand);
      });
    }

    for (const name of ['paper', 'midnight', 'plain']) {
      it(`can be read in the theme ${name}, ${scheme}`, async () => {
        const link = document.createElement('link');
        link.rel = 'stylesheet';
        link.href = new URL(`../../src/themes/${name}.css`, import.meta.url).href;
        const loaded = new Promise((resolve, reject) => {
          link.onload = resolve;
          link.onerror = () => reject(new Error(`${name}.css did not load`));
        });
        document.head.append(link);
        try {
          await loaded;
          const element = await tokensIn(scheme);
          expect(getComputedStyle(element).getPropertyValue('--xians-accent-color')).not.to.equal('');
          await expectReadable(element, name);
        } finally {
          link.remove();
        }
      });
    }
  }

  it('writes on the accent in the colour that the page asks for', async () => {
    const element = await tokensIn(
      'light',
      '--xians-accent-color: #ffd400; --xians-on-accent-color: rgb(1, 2, 3)',
    );
    const probe = element.shadowRoot!.appendChild(document.createElement('span'));
    probe.style.color = 'var(--_on-accent)';
    expect(getComputedStyle(probe).color).to.equal('rgb(1, 2, 3)');
  });
});
