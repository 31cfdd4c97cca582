/**
 * One WebSocket, from hello to its end. A link never reconnects: `connection.js` opens the next one.
 *
 * @typedef {{now: () => number, setTimeout: (run: () => void, ms: number) => any, clearTimeout: (handle: any) => void}} Timers
 * @typedef {{send: (frame: Record<string, any>) => void, close: () => void}} Link
 * @typedef {{frame: (frame: any) => void, closed: (end: {opened: boolean, code: number}) => void}} LinkEvents
 *   `frame` gets each frame as text or as a parsed object; `closed` comes once, unless the client closed the link itself
 */

const OPEN_TIMEOUT_MS = 10_000;

/** The timers of the browser; tests pass their own. @type {Timers} */
export const browserTimers = {
  now: () => Date.now(),
  setTimeout: (run, ms) => globalThis.setTimeout(run, ms),
  clearTimeout: (handle) => globalThis.clearTimeout(handle),
};

/**
 * @param {object} options
 * @param {string} options.url `ws:` or `wss:`
 * @param {() => Record<string, any>} options.hello asked for at the moment of opening: cursors move meanwhile
 * @param {LinkEvents} options.on
 * @param {typeof globalThis.WebSocket} options.WebSocket
 * @param {Timers} options.timers
 * @returns {Link}
 */
export function openWebSocketLink({ url, hello, on, WebSocket, timers }) {
  const socket = new WebSocket(url);
  let opened = false;
  let over = false;
  // A proxy that swallows the upgrade leaves the socket connecting for minutes.
  const patience = timers.setTimeout(() => end(4408), OPEN_TIMEOUT_MS);

  /** @param {number} code */
  function end(code) {
    if (over) return;
    finish();
    on.closed({ opened, code });
  }

  function finish() {
    over = true;
    timers.clearTimeout(patience);
    socket.onopen = socket.onmessage = socket.onerror = socket.onclose = null;
    socket.close();
  }

  socket.onopen = () => {
    opened = true;
    timers.clearTimeout(patience);
    socket.send(JSON.stringify(hello()));
  };
  socket.onmessage = ({ data }) => on.frame(data);
  socket.onclose = ({ code }) => end(code);
  return {
    send: (frame) => socket.send(JSON.stringify(frame)),
    close: () => void (over || finish()),
  };
}
