// An empty page, while the server is as busy as ever: what the machine itself does to frames.
window.bench = { times: () => [] };
