// Our own element, from the built script, as a page has it.
const feed = document.createElement('incident-feed');
feed.setAttribute('incidents-url', window.BENCH_URL);
feed.setAttribute('limit', '10000');
feed.style.cssText = 'display: block; height: 100vh';
document.body.style.margin = '0';
document.body.appendChild(feed);

/** The list may stand in the element's own tree or in that of a part of it. */
function timesIn(root) {
  const found = [...root.querySelectorAll('time[datetime]')].map((time) => time.dateTime);
  if (found.length > 0) return found;
  for (const element of root.querySelectorAll('*')) {
    const inside = element.shadowRoot ? timesIn(element.shadowRoot) : [];
    if (inside.length > 0) return inside;
  }
  return [];
}

window.bench = { times: () => (feed.shadowRoot ? timesIn(feed.shadowRoot) : []) };
