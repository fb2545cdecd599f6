import { markOf } from './messages.mjs';

const frame = () => new Promise((resolve) => window.requestAnimationFrame(resolve));
/** After the frame that is being made now was painted. */
const painted = async () => {
  await frame();
  await new Promise((resolve) => setTimeout(resolve));
};
let began = 0;

/** Whether the last part of the page's text has `mark`; the text is that of the newest element with any. */
function shows(mark) {
  let element = window.bench.root();
  for (let depth = 0; element && depth < 60; depth++) {
    const inner = element.shadowRoot ?? element;
    const next = [...inner.children].reverse().find((child) => child.textContent.includes(mark));
    if (!next) return depth > 0 || inner.textContent.includes(mark);
    element = next;
  }
  return false;
}

window.watch = {
  /** Does something, and waits until message `index` is in the document and painted. Milliseconds. */
  async run(act, index) {
    const tasks = [];
    const observer = new window.PerformanceObserver((list) => tasks.push(...list.getEntries()));
    observer.observe({ type: 'longtask' });
    await painted();
    began = performance.now();
    act();
    await Promise.resolve();
    const workMs = performance.now() - began;
    while (!shows(markOf(index))) await frame();
    await painted();
    const shownMs = performance.now() - began;
    for (const entry of observer.takeRecords()) tasks.push(entry);
    observer.disconnect();
    const longestMs = Math.max(0, workMs, ...tasks.map(({ duration }) => duration));
    return { workMs, shownMs, longestMs };
  },
  /** Since the last `run` began. */
  async settled() {
    while (!window.bench.settled()) await new Promise((resolve) => setTimeout(resolve, 20));
    await painted();
    return performance.now() - began;
  },
  idle: () => new Promise((resolve) => setTimeout(resolve, 500)),
};
