/**
 * Runs in the page before anything else, and writes down what a person and a clock would see there: the client's states, the
 * words of the status, the page's own events; all by the machine's clock. It can also make the page believe that a stop of
 * its process was a sleep of half an hour: see `sleepMs`.
 */
(() => {
  const RealDate = window.Date;
  const realMonotonic = window.performance.now.bind(window.performance);
  const watch = {
    /** @type {{ at: number, words: string }[]} */
    words: [],
    /** @type {{ at: number, state: string, reason: string }[]} */
    states: [],
    /** @type {{ at: number, type: string }[]} */
    events: [],
    /** How long the next stop of this process is to have been; 0: as long as it was. */
    sleepMs: 0,
    /** Whether the monotonic clock went on during the sleep: it does on some systems and stands still on others. */
    movesMonotonic: false,
  };
  window.faultWatch = watch;

  let lastAt = RealDate.now();
  let jumpMs = 0;
  // Every look at a clock notices the stop, so that no code of the page runs on the old time after it.
  const look = () => {
    const at = RealDate.now();
    if (watch.sleepMs > 0 && at - lastAt > 1_500) {
      jumpMs += watch.sleepMs;
      watch.sleepMs = 0;
      watch.events.push({ at, type: 'woke' });
    }
    lastAt = at;
    return at;
  };
  window.setInterval(look, 100);
  window.Date = new Proxy(RealDate, {
    construct: (target, given, self) =>
      given.length > 0 ? Reflect.construct(target, given, self) : new RealDate(look() + jumpMs),
    get: (target, name) => (name === 'now' ? () => look() + jumpMs : Reflect.get(target, name)),
  });
  window.performance.now = () => {
    look();
    return realMonotonic() + (watch.movesMonotonic ? jumpMs : 0);
  };

  for (const type of ['online', 'offline', 'pageshow', 'pagehide']) {
    window.addEventListener(type, ({ persisted }) => {
      watch.events.push({ at: RealDate.now(), type: persisted ? `${type} from or to the cache` : type });
    });
  }
  for (const type of ['visibilitychange', 'freeze', 'resume']) {
    document.addEventListener(type, () => watch.events.push({ at: RealDate.now(), type }));
  }

  let client;
  window.setInterval(() => {
    if (client) return;
    client = document.querySelector('xians-provider')?.client;
    const note = ({ state, reason }) => watch.states.push({ at: RealDate.now(), state, reason });
    if (client) note(client.status);
    client?.on('state', ({ status }) => note(status));
  }, 10);

  const follow = (root) => {
    const read = () => {
      const words = root.querySelector('[part~="label"]')?.textContent.trim().replace(/\s+/g, ' ') ?? '';
      if (words !== '' && words !== watch.words.at(-1)?.words)
        watch.words.push({ at: RealDate.now(), words });
    };
    new window.MutationObserver(read).observe(root, { subtree: true, childList: true, characterData: true });
    read();
  };
  const find = window.setInterval(() => {
    const root = document.querySelector('connection-status')?.shadowRoot;
    if (!root) return;
    window.clearInterval(find);
    follow(root);
  }, 10);
})();
