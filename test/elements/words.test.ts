import { expect, fixture, html } from '@open-wc/testing';
import '../../src/index.ts';
import {
  availableLocales,
  registerWords,
  type ConnectionStatusElement,
  type XiansErrorEvent,
} from '../../src/index.ts';
import { speak } from '../../src/elements/language-controller.ts';
import { LOCALES } from '../../src/locales/index.ts';
import type { Locale } from '../../src/elements/locale.ts';
import { pageWords, WORDS_CHANGED } from '../../src/elements/own-words.ts';
import { waitFor } from '../support/wait.ts';
import { message, own, ViewHost } from './view-host.ts';

if (!customElements.get('words-view-host'))
  customElements.define('words-view-host', class extends ViewHost {});

const label = (status: ConnectionStatusElement) =>
  status.shadowRoot?.querySelector('[part=label]')?.textContent?.trim() ?? '';
const says = (status: ConnectionStatusElement, words: string) =>
  waitFor(() => label(status) === words, `it says "${words}"`);

const ENGLISH = 'Not connected yet';
const GERMAN = 'Noch nicht verbunden';
const ARABIC = 'لم يتم الاتصال بعد';

describe('the language of an element', () => {
  const page = document.documentElement;
  const before = page.lang;
  const [first] = availableLocales();

  afterEach(() => {
    page.lang = before;
    pageWords.length = 0;
  });

  it('is that of its locale, and follows it', async () => {
    const status = await fixture<ConnectionStatusElement>(
      html`<connection-status locale="de-AT"></connection-status>`,
    );
    await says(status, GERMAN);
    expect(status.language.tag).to.equal('de-AT');
    expect(status.hasAttribute('dir')).to.equal(false);
    status.locale = 'ar';
    await says(status, ARABIC);
    expect(status.dir).to.equal('rtl');
    status.locale = 'en';
    await says(status, ENGLISH);
    expect(status.hasAttribute('dir')).to.equal(false);
  });

  it('is else that of the provider, of the nearest lang out of shadow roots, or of the page', async () => {
    const box = await fixture<HTMLElement>(html`<div lang="de"><p></p></div>`);
    const inner = box.firstElementChild?.attachShadow({ mode: 'open' });
    const status = document.createElement('connection-status');
    inner?.append(status);
    await says(status, GERMAN);
    box.lang = 'ar';
    await says(status, ARABIC);
    box.removeAttribute('lang');
    page.lang = 'de';
    await says(status, GERMAN);

    const provider = await fixture(
      html`<xians-provider
        server-url="http://127.0.0.1:9"
        tenant-id="acme"
        participant-id="ada"
        api-key="none"
        locale="ar"
        ><div></div
      ></xians-provider>`,
    );
    provider.firstElementChild?.append(status);
    await says(status, ARABIC);
    (provider as unknown as { locale: string }).locale = 'de';
    await says(status, GERMAN);
  });

  it('is its own where two stand on one page, also when the direction is that of the page', async () => {
    const box = await fixture<HTMLElement>(
      html`<div dir="ltr">
        <connection-status locale="de"></connection-status><connection-status locale="ar"></connection-status>
      </div>`,
    );
    const [one, other] = box.querySelectorAll('connection-status');
    if (!one || !other) throw new Error('They are not there.');
    await says(one, GERMAN);
    await says(other, ARABIC);
    expect(other.hasAttribute('dir'), 'the page has said which direction').to.equal(false);
  });

  it('is English where there are no words in it, with the dates of the reader', async () => {
    const status = await fixture<ConnectionStatusElement>(
      html`<connection-status locale="vo"></connection-status>`,
    );
    await says(status, ENGLISH);
    expect(status.language).to.include({ tag: 'vo', spoken: 'en' });
    for (const odd of ['not a language!', 'de_DE', '-', 'x'.repeat(10_000)]) {
      status.locale = odd;
      await says(status, odd === 'de_DE' ? GERMAN : ENGLISH);
    }
  });

  it('is in the list of languages', () => {
    expect(first).to.deep.equal({ tag: 'en', name: 'English', reviewed: true });
    expect(availableLocales()).to.deep.include({ tag: 'de', name: 'Deutsch', reviewed: false });
  });

  it('is what the chat shows and has read out', async () => {
    const host = await fixture<ViewHost>(html`<words-view-host lang="ar"></words-view-host>`);
    await speak(host);
    host.shownConversation.set({ messages: [own('Hi', 'failed'), own('Ho', 'failed')] });
    await host.updateComplete;
    const text = (selector: string) => host.renderRoot.querySelector(selector)?.textContent?.trim() ?? '';
    expect(text('.banner')).to.contain('تعذر إرسال رسالتين.');
    expect(host.renderRoot.querySelector('textarea')?.getAttribute('aria-label')).to.equal('الرسالة');
    expect(host.renderRoot.querySelector('#window')?.getAttribute('lang')).to.equal('ar');
    expect(host.renderRoot.querySelector('.send')?.getAttribute('aria-label')).to.equal('إرسال الرسالة');
    host.shownConversation.receive(message({ type: 'Handoff', workflowType: 'Billing Agent:Chat Flow' }));
    const heard = () =>
      [...host.renderRoot.querySelectorAll('[role=status], [role=alert]')].map((one) => one.textContent);
    await waitFor(
      () => heard().some((words) => words.includes('أنت تتحدث الآن مع Billing Agent')),
      'the handoff is read out in Arabic',
    );
    host.lang = 'de';
    await waitFor(
      () => text('.banner').includes('2 Nachrichten konnten nicht gesendet werden.'),
      'it is German now',
    );
    await expect(host).to.be.accessible();
  });
});

describe('a language that cannot be had', () => {
  const table = LOCALES as Record<string, () => Promise<{ readonly default: Locale }>>;
  const { warn } = console;
  let told: unknown[] = [];

  beforeEach(() => {
    told = [];
    console.warn = (line: unknown) => told.push(line);
  });
  afterEach(() => {
    console.warn = warn;
    for (const tag of ['xx', 'yy']) Reflect.deleteProperty(table, tag);
  });

  it('is English at once, and said once on the console', async () => {
    table['xx'] = () => Promise.reject(new TypeError('404'));
    const box = await fixture(
      html`<div>
        <connection-status locale="xx"></connection-status><connection-status locale="xx"></connection-status>
      </div>`,
    );
    for (const status of box.querySelectorAll('connection-status')) await says(status, ENGLISH);
    expect(told).to.have.length(1);
    expect(told[0]).to.contain('"xx"');
  });

  it('keeps nobody waiting for long, and is spoken as soon as it comes', async () => {
    let arrive: (module: { default: Locale }) => void = () => undefined;
    table['yy'] = () => new Promise((resolve) => (arrive = resolve));
    const status = await fixture<ConnectionStatusElement>(
      html`<connection-status locale="yy"></connection-status>`,
    );
    await says(status, ENGLISH);
    arrive({ default: { tag: 'yy', name: 'Y', reviewed: false, words: { connection: { notYet: 'Yyy' } } } });
    await says(status, 'Yyy');
  });
});

describe('words of the page', () => {
  afterEach(() => {
    pageWords.length = 0;
    dispatchEvent(new Event(WORDS_CHANGED));
  });

  it('go before ours: those of the element, else of its provider, else of the page', async () => {
    const provider = await fixture(
      html`<xians-provider
        server-url="http://127.0.0.1:9"
        tenant-id="acme"
        participant-id="ada"
        api-key="none"
        locale="de"
        strings='{"connection.notYet":"Provider"}'
        ><connection-status></connection-status
      ></xians-provider>`,
    );
    const status = provider.firstElementChild as ConnectionStatusElement;
    await says(status, 'Provider');
    status.strings = { 'connection.notYet': 'Element' };
    await says(status, 'Element');
    provider.removeAttribute('strings');
    status.strings = undefined;
    await says(status, GERMAN);
    registerWords({ 'connection.notYet': 'Page' });
    await says(status, 'Page');
    registerWords({ 'connection.notYet': 'Seite' }, 'de');
    registerWords({ 'connection.notYet': 'Pagina' }, 'it');
    await says(status, 'Seite');
  });

  it('that are no JSON are told to the page, and ours stay', async () => {
    const errors: string[] = [];
    const box = await fixture<HTMLElement>(html`<div></div>`);
    box.addEventListener('xians-error', (event: XiansErrorEvent) => errors.push(event.error.code));
    const status = document.createElement('connection-status');
    status.setAttribute('strings', '{"connection.notYet": ');
    status.setAttribute('locale', 'de');
    box.append(status);
    await says(status, GERMAN);
    expect(errors).to.deep.equal(['input']);
  });

  it('are text, whatever they look like, and what is no text is left out', async () => {
    const status = await fixture<ConnectionStatusElement>(
      html`<connection-status locale="de"></connection-status>`,
    );
    const evil = '<img src=x onerror="globalThis.pwned = 1"> {toString} {constructor}';
    status.strings = JSON.stringify({ 'connection.notYet': evil });
    await says(status, evil);
    expect(status.shadowRoot?.querySelector('img')).to.equal(null);
    for (const odd of [
      '5',
      'null',
      '[]',
      '"x"',
      '{"connection.notYet":5}',
      '{"connection.notYet":{"one":"x"}}',
    ]) {
      status.strings = odd;
      await says(status, GERMAN);
    }
    status.strings =
      '{"__proto__":{"other":"x"},"connection.toString":"x","connection.notYet":{"other":"Plural"}}';
    await says(status, 'Plural');
  });
});
