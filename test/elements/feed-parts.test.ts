import { expect } from '@open-wc/testing';
import { FeedGeometry } from '../../src/elements/feed-geometry.ts';
import { commandOf } from '../../src/elements/feed-keys.ts';
import { incidentMarkdown } from '../../src/elements/feed-markdown.ts';
import { stateName } from '../../src/elements/feed-names.ts';
import { survivor } from '../../src/elements/feed-place.ts';
import { initials } from '../../src/elements/feed-row.ts';
import { FeedArranger, NO_FILTERS, sourcesOf } from '../../src/elements/feed-rows.ts';
import { severityClass, severityLabel, severityName } from '../../src/elements/feed-severity.ts';
import { feedWords } from '../../src/elements/feed-status.ts';
import { FeedTime, isoTime } from '../../src/elements/feed-time.ts';
import { Language } from '../../src/elements/language.ts';
import { RealtimeError } from '../../src/protocol/errors.ts';
import { incident, incidents, ShownFeed } from './shown-feed.ts';

const ENGLISH = new Language('en');

describe('the places of rows', () => {
  it('are those that the rows would have if all of them were there', () => {
    const groups = [
      { key: 'a', name: 'a', start: 0, count: 3 },
      { key: 'b', name: 'b', start: 3, count: 1 },
      { key: 'c', name: 'c', start: 4, count: 6 },
    ];
    for (const open of [-1, 0, 3, 9]) {
      const geometry = new FeedGeometry(10, groups, { row: 50, group: 20, open, openExtra: 123 });
      let y = 0;
      for (let index = 0; index < 10; index++) {
        const group = groups.findIndex(({ start }) => start === index);
        if (group >= 0) {
          expect(geometry.heading(group)).to.equal(y);
          y += 20;
        }
        expect(geometry.row(index)).to.equal(y);
        const height = index === open ? 173 : 50;
        expect(geometry.heightOf(index)).to.equal(height);
        expect(geometry.at(y)).to.equal(index);
        expect(geometry.at(y + height - 1)).to.equal(index);
        y += height;
      }
      expect(geometry.height).to.equal(y);
    }
  });
});

describe('the row that stands for one that has gone', () => {
  const list = incidents(10);
  it('is itself, else the next, else the one before, else whatever is there', () => {
    expect(survivor(list, 4, list)).to.equal(4);
    expect(survivor(list, 4, [...incidents(3), ...list])).to.equal(7);
    expect(survivor(list, 4, list.toSpliced(4, 1))).to.equal(4);
    expect(survivor(list, 9, list.toSpliced(9, 1))).to.equal(8);
    expect(survivor(list, 4, incidents(2))).to.equal(1);
    expect(survivor(list, 4, [])).to.equal(-1);
  });
});

describe('which incidents show', () => {
  it('is decided by all filters together, and severities are counted without their own', () => {
    const arranger = new FeedArranger();
    const list = [
      incident({ severity: 'P0', source: 'a', title: 'One' }),
      incident({ severity: 'P1', source: 'a', title: 'One' }),
      incident({ severity: 'P1', source: 'b', title: 'One' }),
      incident({ severity: 'P1', source: 'a', title: 'Two' }),
    ];
    const filters = { severities: new Set(['P1']), phase: '', source: 'a', text: 'oNe' };
    const { rows, counts } = arranger.arrange(list, filters, '');
    expect(rows).to.deep.equal([list[1]]);
    expect([...counts]).to.deep.equal([
      ['P0', 1],
      ['P1', 1],
    ]);
    expect(arranger.arrange(list, NO_FILTERS, '').rows).to.equal(list);
    expect(sourcesOf(list)).to.deep.equal(['a', 'b']);
  });
});

describe('words for a severity', () => {
  it('are those of the server, with what they mean', () => {
    expect(
      ['P0', 'P4', 'CRITICAL', 'CATASTROPHE', ''].map((one) => severityName(one, ENGLISH)),
    ).to.deep.equal(['P0 critical', 'P4 informational', 'Critical', 'Catastrophe', '?']);
    expect(severityLabel('HIGH', ENGLISH)).to.equal('High');
    expect(['P1', 'HIGH', 'CATASTROPHE'].map(severityClass)).to.deep.equal(['p1', 'p1', 'px']);
    expect(stateName('IN_PROGRESS', ENGLISH)).to.equal('In progress');
  });
});

describe('initials', () => {
  it('are those of a name or of an address', () => {
    expect(['jane.doe@example.com', 'Bob Smith', 'carol', '李 雷', '', '🦊 fox'].map(initials)).to.deep.equal(
      ['JD', 'BS', 'C', '李雷', '', 'F'],
    );
  });
});

describe('times', () => {
  const time = new FeedTime(ENGLISH);
  it('are told in the largest unit that is not too coarse', () => {
    const spans = [-5_000, 0, 59_999, 60_000, 119 * 60_000, 120 * 60_000, 47.9 * 3_600_000, 72 * 3_600_000];
    expect(spans.map((ms) => time.span(ms))).to.deep.equal([
      '1 sec',
      '1 sec',
      '59 sec',
      '1 min',
      '119 min',
      '2 hr',
      '47 hr',
      '3 days',
    ]);
  });

  it('can be any number, in any language', () => {
    for (const at of [NaN, Infinity, -Infinity, 1e300]) {
      expect(isoTime(at)).to.match(/T/);
      expect(time.at(at)).to.be.a('string');
      expect(time.whole(at)).to.be.a('string');
    }
    expect(new FeedTime(new Language('de')).number(1_000)).to.equal('1.000');
  });
});

describe('how fresh a feed is, in words', () => {
  const time = new FeedTime(ENGLISH);
  const now = Date.now();
  const say = (part: Partial<ShownFeed['status']>, state: 'fresh' | 'unknown' | 'checking' = 'unknown') => {
    const { status } = new ShownFeed();
    return feedWords({ status: { ...status, ...part }, freshness: { state, asOf: now - 30_000 } }, time, now);
  };
  const error = (code: ConstructorParameters<typeof RealtimeError>[0]) => new RealtimeError(code, 'x');

  it('never looks good unless it is fresh', () => {
    const all = [
      'idle',
      'connecting',
      'live',
      'degraded',
      'waiting',
      'offline',
      'unauthorized',
      'unsupported',
    ] as const;
    for (const state of all) {
      for (const mode of ['stream', 'query', 'rest', undefined] as const) {
        expect(say({ state, mode }, 'unknown').tone).to.equal('unknown');
        expect(say({ state, mode }, 'checking').tone).to.be.oneOf(['busy', 'unknown']);
      }
    }
  });

  it('says why it is not', () => {
    const why = (part: Partial<ShownFeed['status']>) => say(part).label;
    expect(why({ state: 'offline' })).to.equal('Unknown — no network on this device');
    expect(why({ state: 'unauthorized' })).to.equal('Unknown — your sign-in was not accepted');
    expect(why({ state: 'unauthorized', error: error('forbidden') })).to.match(/no access/);
    expect(why({ state: 'waiting', error: error('server') })).to.match(/server has a problem/);
    expect(why({ state: 'waiting', error: error('network') })).to.match(/no connection/);
    expect(why({ state: 'live' })).to.match(/nothing has confirmed it lately/);
    expect(say({ state: 'waiting', until: now + 12_000 }).detail).to.equal('next try in 12 sec');
  });
});

describe('an incident as Markdown', () => {
  it('makes no link, heading or code of what is in it', () => {
    const evil = '# x](javascript:alert(1)) `a` <b> **c**\n## y';
    const text = incidentMarkdown(
      incident({ title: evil, description: '```\nout\n````', affectedResources: ['a`b'], source: evil }),
      undefined,
      'https://a.example/?q=1',
      ENGLISH,
    );
    const [first, ...rest] = text.split('\n');
    expect(first).to.match(/^### P2 medium\\: \\# x\\\]\\\(javascript/);
    expect(rest.filter((line) => line.startsWith('#'))).to.deep.equal([]);
    expect(text).to.contain('\n`````text\n```\nout\n````\n`````');
    expect(text).to.contain('<https://a.example/?q=1>');
  });
});

describe('keys', () => {
  it('leave alone what is meant for something else', () => {
    const press = (init: KeyboardEventInit, target: Element = document.body) => {
      let command: string | undefined;
      const listen = (event: Event) => (command = commandOf(event as KeyboardEvent));
      target.addEventListener('keydown', listen);
      target.dispatchEvent(new KeyboardEvent('keydown', { ...init, cancelable: true }));
      target.removeEventListener('keydown', listen);
      return command;
    };
    const input = document.createElement('input');
    const button = document.createElement('button');
    expect(press({ key: 'j' })).to.equal('next');
    expect(press({ key: 'constructor' })).to.equal(undefined);
    for (const key of ['ctrlKey', 'metaKey', 'altKey', 'isComposing']) {
      expect(press({ key: 'j', [key]: true })).to.equal(undefined);
    }
    expect(press({ key: 'j' }, input)).to.equal(undefined);
    expect(press({ key: 'Enter' }, button)).to.equal(undefined);
    expect(press({ key: 'j' }, button)).to.equal('next');
  });
});
