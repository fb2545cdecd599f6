// Runs in the page that is measured. What it costs is the same for everybody.

/** Looks at every frame from `start` until `stop`. `read` returns the `datetime` of every row in the document. */
export function createWatch(read) {
  const channel = new window.MessageChannel();
  let frames = [];
  let lags = [];
  let last = 0;
  let isOn = false;

  function frame(now) {
    if (!isOn) return;
    frames.push(now - last);
    last = now;
    channel.port2.postMessage(undefined); // comes after what this frame draws
    window.requestAnimationFrame(frame);
  }
  channel.port1.onmessage = () => {
    if (!isOn) return;
    const newest = newestOf(read());
    if (newest > 0) lags.push(Date.now() - newest);
  };

  return {
    start() {
      frames = [];
      lags = [];
      isOn = true;
      window.requestAnimationFrame((now) => {
        last = now;
        window.requestAnimationFrame(frame);
      });
    },
    stop() {
      isOn = false;
      return { frames, lags };
    },
    newest: () => newestOf(read()),
  };
}

function newestOf(times) {
  let newest = 0;
  for (const text of times) newest = Math.max(newest, Date.parse(text));
  return newest;
}
