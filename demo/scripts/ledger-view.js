import { verdict } from './ledger.js';

/** Rows at most; the sums count all. */
const MAX_ROWS = 60;

/** Shows comparisons in the elements of the page's ledger. */
export class LedgerView {
  #byId = (id) => document.getElementById(id);

  /** @param {ReturnType<import('./ledger.js').compare>} comparison */
  show(comparison) {
    for (const name of ['stored', 'shown', 'waiting', 'foreign']) {
      this.#byId(`sum-${name}`).textContent = String(comparison[name]);
    }
    const newest = comparison.rows.slice(-MAX_ROWS).reverse();
    this.#byId('ledger-rows').replaceChildren(...newest.map(tableRow));
    const { tone, words } = verdict(comparison);
    this.say(words, tone);
  }

  /** Says `words` in the place of the verdict; again only when they change, since they are read aloud. */
  say(words, tone = '') {
    const element = this.#byId('verdict');
    element.className = `verdict ${tone}`.trim();
    if (element.textContent !== words) element.textContent = words;
  }
}

function tableRow({ text, isOwn, stored, shown, delivery }) {
  const row = document.createElement('tr');
  const head = document.createElement('th');
  head.scope = 'row';
  const from = document.createElement('span');
  from.className = 'from';
  from.textContent = isOwn ? 'You: ' : 'Echo: ';
  head.append(from, text.replace(/^Echo: /, '').slice(0, 80));
  row.append(head, cell(...storedWords(stored, delivery)), cell(...shownWords(shown)));
  return row;
}

function storedWords(times, delivery) {
  if (times === 1) return ['once', 'good'];
  if (times > 1) return [`${times} times`, 'bad'];
  return delivery === 'failed' ? ['not sent', 'bad'] : ['waiting', 'busy'];
}

function shownWords(times) {
  if (times === 1) return ['once', 'good'];
  return times > 1 ? [`${times} times`, 'bad'] : ['on the way', 'busy'];
}

function cell(words, tone) {
  const element = document.createElement('td');
  element.className = tone;
  element.textContent = words;
  return element;
}
