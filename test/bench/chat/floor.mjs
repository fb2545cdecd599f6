// The least that somebody could write: one bubble of plain text for each message.
import { conversation, messageAt } from './messages.mjs';

const box = document.createElement('div');
box.style.cssText = 'block-size: 100vh; overflow: auto; font: 15px/1.5 sans-serif';
document.body.append(box);

function add({ own, text }) {
  const row = document.createElement('div');
  row.style.cssText = `margin: 6px; padding: 8px; white-space: pre-wrap; background: ${own ? '#cdf' : '#eee'}`;
  row.textContent = text;
  box.append(row);
}

let rows = [];
window.bench = {
  prepare: (count) => void (rows = conversation(count)),
  mount: () => {
    rows.forEach(add);
    box.scrollTop = box.scrollHeight;
  },
  append: (index) => {
    add(messageAt(index));
    box.scrollTop = box.scrollHeight;
  },
  root: () => box,
  settled: () => true,
};
