import { expect } from '@open-wc/testing';
import { toCsv } from '../../src/elements/csv.ts';
import { chartOf } from '../../src/elements/data-chart-shape.ts';
import { problemWith } from '../../src/elements/data-form-check.ts';
import { fieldsOf, numberOf, valueOf } from '../../src/elements/data-form-shape.ts';
import { ENGLISH } from '../../src/elements/language.ts';
import { safePattern } from '../../src/elements/safe-pattern.ts';

describe('toCsv', () => {
  it('quotes what needs it, and takes the sting out of formulas', () => {
    const rows = [
      ['a', 'b,c', 'say "hi"', 'two\nlines'],
      [null, undefined, 3, -4.5],
      ['=1+1', '@cmd', '-2', '+49 30'],
      [{ a: 1 }, true, ' edge', ''],
    ];
    expect(toCsv(rows)).to.equal(
      [
        'a,"b,c","say ""hi""","two\nlines"',
        ',,3,-4.5',
        "'=1+1,'@cmd,-2,'+49 30",
        '"{""a"":1}",true," edge",',
      ].join('\r\n'),
    );
  });
});

describe('chartOf', () => {
  it('reads series, plain values, pairs and points, and what others call them', () => {
    const bar = chartOf('chart', { labels: ['a', 'b'], series: [{ name: 's', values: [1, '2.5'] }] });
    expect(bar?.form).to.equal('bar');
    expect(bar?.series).to.deep.equal([{ name: 's', values: [1, 2.5] }]);
    const line = chartOf('linechart', { data: { labels: ['a'], datasets: [{ label: 's', data: [1] }] } });
    expect([line?.form, line?.series[0]?.name]).to.deep.equal(['line', 's']);
    const ring = chartOf('chart', { chart: 'donut', data: [{ label: 'x', value: 1 }, ['y', 2]] });
    expect([ring?.form, ring?.isRing, ring?.labels]).to.deep.equal(['pie', true, ['x', 'y']]);
  });

  it('leaves out what cannot be drawn, and says how much', () => {
    const chart = chartOf('chart', { values: [1, NaN, Infinity, 'x', null, 1e305, -1e305, 4] });
    expect(chart?.series[0]?.values).to.deep.equal([1, ...Array<undefined>(6).fill(undefined), 4]);
    expect(chart?.lost).to.equal(5);
    expect(chartOf('piechart', { values: [3, -1] })?.lost).to.equal(1);
    for (const values of [[], ['x'], [NaN]]) expect(chartOf('chart', { values })).to.equal(undefined);
    expect(chartOf('piechart', { values: [0, 0] }), 'a pie of nothing').to.equal(undefined);
  });

  it('draws ten thousand points from few, with every peak', () => {
    const values = Array.from({ length: 10_000 }, (_, index) => (index === 4_321 ? 1_000 : index % 10));
    const chart = chartOf('linechart', { values });
    expect(chart?.labels.length).to.equal(10_000);
    expect(chart?.drawn.labels.length).to.be.lessThan(260);
    expect(chart?.drawn.series[0]?.values).to.include(1_000);
    expect(chart?.drawn.labels).to.include('4322');
  });
});

describe('safePattern', () => {
  it('tests texts as JSON Schema does', () => {
    const matches = safePattern('^[A-Z]{2}-\\d+$');
    expect(matches?.('AC-20417')).to.equal(true);
    expect(matches?.('20417')).to.equal(false);
    expect(safePattern('b')?.('abc'), 'anchored nowhere').to.equal(true);
    expect(safePattern('^(?:ab|cd)\\d$')?.('cd7')).to.equal(true);
    expect(safePattern('[*+]{2}\\+*')?.('+*')).to.equal(true);
  });

  it('ignores patterns that are broken, long, or could keep the page busy', () => {
    for (const pattern of [
      '(',
      'a'.repeat(201),
      '(a+)+$',
      '(a|a)*$',
      '(?:a{1,5}){2,}',
      '((a+))+',
      '(a*b?){3}',
      '(.)\\1+',
      '.*.*.*.*x',
      7,
      undefined,
    ]) {
      expect(safePattern(pattern), String(pattern)).to.equal(undefined);
    }
  });

  it('takes no longer than a moment for whatever it accepts', () => {
    const matches = safePattern('^\\d*\\d*\\d*$');
    const start = performance.now();
    expect(matches?.(`${'1'.repeat(255)}x`)).to.equal(false);
    expect(matches?.(`${'1'.repeat(50_000)}x`), 'too long to be tested').to.equal(true);
    expect(performance.now() - start).to.be.lessThan(1_000);
  });
});

describe('a field of a form', () => {
  const field = (spec: Record<string, unknown>, required = false) => {
    const [one] = fieldsOf({ schema: { properties: { x: spec }, required: required ? ['x'] : [] } });
    if (!one) throw new Error('There is no field.');
    return one;
  };

  it('is asked for as its schema says', () => {
    const kinds = [
      { type: 'string' },
      { type: 'string', format: 'email' },
      { type: 'string', format: 'uri' },
      { type: 'string', format: 'date' },
      { type: 'string', maxLength: 500 },
      { type: 'integer' },
      { type: 'boolean' },
      { enum: [1, 2] },
      { enum: [1, 2, 3, 4, 5] },
      { oneOf: [{ const: 1, title: 'One' }] },
      { type: 'array', items: { enum: ['a'] } },
      { type: 'email' },
    ].map((spec) => field(spec).kind);
    expect(kinds.join(' ')).to.equal(
      'text email url date area integer checkbox radios select radios checks email',
    );
    expect(fieldsOf({ fields: [{ name: 'n', label: 'N', type: 'textarea', required: true }] })[0]).to.include(
      {
        kind: 'area',
        label: 'N',
        required: true,
      },
    );
  });

  it('is checked, and says in words what is wrong', () => {
    const wrong = (spec: Record<string, unknown>, entry: string | boolean | number[], required = false) =>
      problemWith(field(spec, required), entry, ENGLISH) ?? '';
    expect(wrong({ type: 'string' }, ' ')).to.equal('');
    expect(wrong({ type: 'string' }, ' ', true)).to.contain('fill this in');
    expect(wrong({ format: 'email' }, 'jane@')).to.contain('e-mail');
    expect(wrong({ format: 'email' }, 'jane@a.example')).to.equal('');
    expect(wrong({ format: 'uri' }, 'javascript:alert(1)')).to.contain('https');
    expect(wrong({ type: 'integer' }, '1.5')).to.contain('whole');
    expect(wrong({ type: 'number', minimum: 2, maximum: 4 }, '1,5')).to.contain('2 or more');
    expect(wrong({ type: 'number', minimum: 2, maximum: 4 }, '1e9')).to.contain('4 or less');
    expect(wrong({ type: 'string', maxLength: 2 }, '👍👍')).to.equal('');
    expect(wrong({ type: 'string', minLength: 3 }, '👍👍')).to.contain('3 characters');
    expect(wrong({ type: 'string', pattern: '^a' }, 'b')).to.contain('form that is asked for');
    expect(wrong({ type: 'boolean' }, false, true)).to.contain('tick');
    expect(wrong({ enum: [1] }, [], true)).to.contain('choose');
    expect(wrong({ type: 'array', items: { enum: [1, 2] }, minItems: 2 }, [0])).to.contain('at least 2');
  });

  it('gives values of its own type', () => {
    expect(valueOf(field({ type: 'number' }), ' 1,5 ')).to.equal(1.5);
    expect(valueOf(field({ type: 'string' }), ' ')).to.equal(undefined);
    expect(valueOf(field({ enum: [10, 20] }), [1])).to.equal(20);
    expect(valueOf(field({ type: 'array', items: { enum: ['a', 'b'] } }), [0, 1])).to.deep.equal(['a', 'b']);
    expect(['1', '-1.5', '.5', '1e3', 'x', '1.2.3', '', '0x10'].map(numberOf)).to.deep.equal([
      1,
      -1.5,
      0.5,
      1000,
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });
});
