/** What is shown of a snapshot: name, value, and what it says. */
const FIGURES = [
  { name: 'Delivered', value: ({ delivery }) => String(delivery.delivered) },
  {
    name: 'Of all that left',
    value: ({ delivery: { rate } }) => (rate === undefined ? '–' : `${Math.floor(rate * 100)} %`),
  },
  { name: 'Delivery, half within', value: ({ delivery }) => time(delivery.latency.p50Ms) },
  { name: 'First reply, half within', value: ({ firstReply }) => time(firstReply.p50Ms) },
  {
    name: 'Connected again',
    value: ({ connections }) => times(connections.reduce((sum, { reconnects }) => sum + reconnects, 0)),
  },
  {
    name: 'Attempts that failed',
    value: ({ operations }) => String(operations.reduce((sum, { failed }) => sum + failed, 0)),
  },
];

/** Shows in `list` what the client of `provider` measures, whenever it tells. */
export function initInstruments(provider, list) {
  const show = (metrics) => {
    list.replaceChildren(...FIGURES.map(({ name, value }) => figure(name, value(metrics))));
  };
  provider.addEventListener('xians-metrics', ({ metrics }) => show(metrics));
}

function figure(name, value) {
  const box = document.createElement('div');
  const [term, detail] = [document.createElement('dt'), document.createElement('dd')];
  term.textContent = name;
  detail.textContent = value;
  box.append(term, detail);
  return box;
}

function time(ms) {
  if (ms === undefined) return '–';
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}

function times(count) {
  return count === 1 ? 'once' : `${count} times`;
}
