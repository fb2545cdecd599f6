import { expect } from '@open-wc/testing';
import { DataHost } from './data-support.ts';

describe('a chart in a message', () => {
  let host: DataHost;

  beforeEach(() => {
    host = new DataHost();
    document.body.append(host);
  });

  afterEach(() => host.remove());

  const BARS = {
    type: 'chart',
    title: 'Power',
    unit: 'kWh',
    labels: ['May', 'June'],
    series: [
      { name: '2025', values: [312, -5] },
      { name: '2026', values: [1298.5, null] },
    ],
  };

  it('says what bars show, writes every value, and gives them as a table', async () => {
    const chart = await host.show(BARS, '.chart');
    expect(host.$('svg[role=img]')?.getAttribute('aria-label')).to.equal(
      'Bar chart: Power. 3 values, from -5 kWh to 1,298.5 kWh.',
    );
    expect(host.all('.amount').map(({ textContent }) => textContent)).to.deep.equal([
      '312 kWh',
      '1,298.5 kWh',
      '-5 kWh',
      '–',
    ]);
    expect(chart.querySelector('table'), 'not before it is asked for').not.to.exist;
    chart.querySelector('summary')?.click();
    await host.finds('.chart table');
    expect(host.texts('.chart tbody tr')).to.deep.equal(['May 312 kWh 1,298.5 kWh', 'June -5 kWh –']);
    await expect(host).to.be.accessible();
  });

  it('writes at the size of texts, in a narrow bubble and in a wide one', async () => {
    await host.show(BARS, '.chart');
    for (const width of [300, 380, 460, 1_280]) {
      host.style.width = `${width}px`;
      const plot = await host.finds('.plot');
      const scale = plot.getBoundingClientRect().width / 320;
      const sizes = host.all('.plot text').map((text) => parseFloat(getComputedStyle(text).fontSize) * scale);
      expect(Math.min(...sizes), `${width} px`).to.be.at.least(10.5);
      expect(Math.max(...sizes), `${width} px`).to.be.at.most(15);
    }
  });

  it('goes along a line by the arrow keys and tells each point', async () => {
    await host.show({ ...BARS, chart: 'line' }, '.chart');
    const slider = await host.finds('[role=slider]');
    const key = (name: string) =>
      slider.dispatchEvent(new KeyboardEvent('keydown', { key: name, bubbles: true, cancelable: true }));
    const told = () => slider.getAttribute('aria-valuetext');
    expect(told()).to.equal('June: 2025 -5 kWh, 2026 no value');
    expect(key('ArrowLeft'), 'the page does not scroll').to.equal(false);
    expect(told()).to.equal('May: 2025 312 kWh, 2026 1,298.5 kWh');
    key('ArrowLeft');
    expect(slider.getAttribute('aria-valuenow')).to.equal('1');
    key('End');
    expect(slider.getAttribute('aria-valuenow')).to.equal('2');
    expect(key('Tab'), 'other keys are not ours').to.equal(true);
    await expect(host).to.be.accessible();
  });

  it('names the slices of a ring with their shares, and puts many small ones together', async () => {
    await host.show({ type: 'donut_chart', labels: ['a', 'b'], values: [3, 1] }, '.pie');
    expect(host.texts('.legend li')).to.deep.equal(['a 3 (75%)', 'b 1 (25%)']);
    await expect(host).to.be.accessible();
    await host.show({ type: 'pie-chart', values: Array.from({ length: 500 }, () => 1) });
    await host.finds('.chart-note');
    expect(host.texts('.legend li').at(-1)).to.contain('Other');
    expect(host.texts('.chart-note')).to.deep.equal(['Drawn from 7 of 500 values.']);
  });

  it('stays light with ten thousand points and numbers without end, and says what it leaves out', async () => {
    const values = Array.from({ length: 10_000 }, (_, index) =>
      index === 5 ? 'x' : Math.sin(index) * 1e200,
    );
    await host.show({ type: 'line_chart', values }, '.chart');
    expect(host.$('.chart')?.querySelectorAll('*').length).to.be.lessThan(80);
    expect(host.texts('.chart-note').join(' ')).to.match(/of 10,000 values\. 1 value cannot be drawn/);
    for (const path of host.all('.chart path')) expect(path.getAttribute('d')).not.to.match(/NaN|Infinity/);
    for (const one of [[0], [5, 5, 5], [-1e-9, 1e-9], [1e299, -1e299], [null, 4]]) {
      await host.show({ type: 'line_chart', values: one });
    }
    for (const path of host.all('.chart path')) expect(path.getAttribute('d')).not.to.match(/NaN|Infinity/);
    expect(host.all('.chart').length).to.equal(6);
  });
});
