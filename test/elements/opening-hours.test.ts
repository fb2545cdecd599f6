import { expect } from '@open-wc/testing';
import { OpeningHours } from '../../src/elements/opening-hours.ts';
import { RealtimeError } from '../../src/protocol/errors.ts';

const at = (iso: string) => Date.parse(iso);
const next = (hours: string, from: string) =>
  new Date(new OpeningHours(hours).nextOpening(at(from))).toISOString();

describe('opening hours', () => {
  it('are open from the first minute to before the last, in their own time zone', () => {
    const hours = new OpeningHours('Mo-Fr 09:00-17:00; Sa 10:00-14:00 Europe/Berlin');
    expect(hours.isOpen(at('2026-11-23T07:59:59Z')), 'Monday 08:59:59').to.be.false;
    expect(hours.isOpen(at('2026-11-23T08:00:00Z')), 'Monday 09:00').to.be.true;
    expect(hours.isOpen(at('2026-11-23T15:59:59Z')), 'Monday 16:59:59').to.be.true;
    expect(hours.isOpen(at('2026-11-23T16:00:00Z')), 'Monday 17:00').to.be.false;
    expect(hours.isOpen(at('2026-11-28T12:00:00Z')), 'Saturday 13:00').to.be.true;
    expect(hours.isOpen(at('2026-11-29T12:00:00Z')), 'Sunday').to.be.false;
  });

  it('know when they begin again', () => {
    const hours = 'Mo-Fr 09:00-12:00,13:00-17:00 Europe/Berlin';
    expect(next(hours, '2026-11-23T11:30:00Z'), 'at noon').to.equal('2026-11-23T12:00:00.000Z');
    expect(next(hours, '2026-11-23T16:00:00Z'), 'in the evening').to.equal('2026-11-24T08:00:00.000Z');
    expect(next(hours, '2026-11-27T16:00:00Z'), 'on Friday evening').to.equal('2026-11-30T08:00:00.000Z');
    expect(next('Mo 09:00-09:01 UTC', '2026-11-23T09:01:00Z'), 'once a week').to.equal(
      '2026-11-30T09:00:00.000Z',
    );
  });

  it('go on over midnight, and over the end of the week', () => {
    const hours = new OpeningHours('Sa 22:00-02:00 UTC');
    expect(hours.isOpen(at('2026-11-28T23:59:00Z'))).to.be.true;
    expect(hours.isOpen(at('2026-11-29T01:59:00Z'))).to.be.true;
    expect(hours.isOpen(at('2026-11-29T02:00:00Z'))).to.be.false;
    expect(hours.isOpen(at('2026-11-28T01:00:00Z')), 'the night before').to.be.false;
  });

  it('keep to the clock on the wall when it is changed', () => {
    const hours = 'Su 09:00-17:00 Europe/Berlin';
    expect(next(hours, '2026-03-28T20:00:00Z'), 'into summer').to.equal('2026-03-29T07:00:00.000Z');
    expect(next(hours, '2026-10-24T20:00:00Z'), 'into winter').to.equal('2026-10-25T08:00:00.000Z');
    // 02:30 does not exist on that day, and exists twice on the other.
    expect(next('Su 02:30-05:00 Europe/Berlin', '2026-03-28T20:00:00Z')).to.equal('2026-03-29T01:30:00.000Z');
    expect(next('Su 02:30-05:00 Europe/Berlin', '2026-10-24T20:00:00Z')).to.equal('2026-10-25T00:30:00.000Z');
  });

  it('may be always, have days in lists and ranges over the weekend, and name the zone anywhere', () => {
    const sunday = at('2026-11-29T03:00:00Z');
    expect(new OpeningHours('24/7').isOpen(sunday)).to.be.true;
    expect(new OpeningHours('00:00-24:00').isOpen(sunday)).to.be.true;
    expect(new OpeningHours('Fr-Mo 02:00-04:00 UTC').isOpen(sunday)).to.be.true;
    expect(new OpeningHours('Mo,We,Su 02:00-04:00 UTC').isOpen(sunday)).to.be.true;
    expect(
      new OpeningHours('Mo-Fr 9:00-17:00 America/Argentina/Buenos_Aires; Sunday 0:00-1:00').isOpen(sunday),
    ).to.be.true;
    expect(new OpeningHours('Tu-Th 02:00-04:00 UTC').isOpen(sunday)).to.be.false;
  });

  for (const text of [
    '',
    ';',
    'Mo-Fr',
    'Mo-Fr 9-17',
    'Mo-Fr 09:00',
    'Mo-Fr 25:00-26:00',
    'Mo-Fr 09:60-10:00',
    'Xx 09:00-17:00',
    'Mo-Fr-Sa 09:00-17:00',
    'Mo-Fr 09:00-17:00 Europe/Atlantis',
    'Mo 09:00-17:00 Europe/Berlin; Tu 09:00-17:00 Asia/Tokyo',
    'Mo-Fr 09:00-17:00 Dec 25 off',
  ]) {
    it(`are refused when they read "${text}"`, () => {
      expect(() => new OpeningHours(text))
        .to.throw(RealtimeError)
        .with.property('code', 'input');
    });
  }
});
