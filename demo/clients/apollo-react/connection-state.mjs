// @ts-check
/** Whether there is a connection and how many there were, as an external store of React. */
export function createConnectionState() {
  let state = { isConnected: false, connections: 0 };
  /** @type {Set<() => void>} */
  const readers = new Set();
  return {
    /** @param {boolean} isConnected */
    change(isConnected) {
      state = { isConnected, connections: state.connections + (isConnected ? 1 : 0) };
      for (const reader of readers) reader();
    },
    read: () => state,
    /** @param {() => void} reader */
    subscribe: (reader) => {
      readers.add(reader);
      return () => readers.delete(reader);
    },
  };
}
