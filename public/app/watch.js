// Live lists: LIST, then WATCH from its resourceVersion, for as long as the page stays open.

import { ApiError, list, send } from './api.js';

const firstDelay = 500;
const longestDelay = 15_000;
const steadyMilliseconds = 5000;
const pollMilliseconds = 3000;
const hiddenLimit = 3000;
/** Answers that asking again does not change. */
const final = new Set([400, 401, 403, 404, 405, 406, 422]);
const active = new Map();
const listeners = new Set();

/** The worst state of all open watches: 'idle', 'live', 'loading' or 'retrying'. */
function connection() {
  const states = new Set(active.values());
  return ['retrying', 'loading', 'live'].find((state) => states.has(state)) ?? 'idle';
}

export function onConnection(listener) {
  listeners.add(listener);
  listener(connection());
}

/**
 * Follows a collection. `onList(list)` gets each whole list (at first in growing parts, again after a relist),
 * `onEvents(events)` gets batches of watch events; `onError(error)` gets what ends it (denied, unknown) and what is
 * being retried. What cannot be watched is listed again and again.
 * Returns { stop, reload }.
 */
export function follow({ path, query, accept, watchable = true }, { onList, onEvents, onError }) {
  const whole = new AbortController();
  let stream = null;
  let version = null;
  let shownOnce = false;

  const setState = (state) => {
    if (state) active.set(whole, state);
    else active.delete(whole);
    for (const listener of listeners) listener(connection());
  };

  // What goes wrong in the page is no trouble of the connection.
  const tell = (callback, news) => {
    try {
      callback?.(news);
    } catch (error) {
      reportError(error);
    }
  };

  async function once() {
    stream = null;
    if (version === null) {
      if (watchable || !shownOnce) setState(active.has(whole) ? 'retrying' : 'loading');
      const onPart = shownOnce ? undefined : (part) => tell(onList, part);
      const found = await list(path, { query, accept, signal: whole.signal, onPart });
      if (whole.signal.aborted) return undefined;
      shownOnce = true;
      tell(onList, found);
      version = found.metadata?.resourceVersion ?? '0';
    }
    if (!watchable) {
      version = null;
      return setState('live');
    }
    stream = new AbortController();
    const signal = AbortSignal.any([whole.signal, stream.signal]);
    const watchQuery = { ...query, watch: '1', allowWatchBookmarks: 'true', resourceVersion: version };
    const response = await send(path, { query: watchQuery, accept, signal });
    setState('live');
    for await (const events of eventBatches(response)) {
      if (whole.signal.aborted) return undefined;
      version = lastVersion(events) ?? version;
      const changes = events.filter((event) => event.type !== 'BOOKMARK');
      if (changes.length) tell(onEvents, changes);
    }
    return undefined;
  }

  async function run() {
    let delay = firstDelay;
    while (!whole.signal.aborted) {
      const began = Date.now();
      let expired = false;
      let failed = false;
      try {
        await once();
      } catch (error) {
        if (whole.signal.aborted) return;
        failed = true;
        // What was missed while the server was away is unknown, so the list is read again.
        expired = error.code === 410;
        if (expired || error.code === 0) version = null;
        if (!expired && !stream?.signal.aborted) {
          // A stream that breaks off is nothing to tell: the next attempt says whether the server is there.
          if (error instanceof ApiError) tell(onError, error);
          if (final.has(error.code)) return setState(null);
        }
      }
      if (whole.signal.aborted) return;
      await untilVisible(whole.signal);
      if (whole.signal.aborted) return;
      // What was ended on purpose goes on at once; what failed soon after its start waits longer each time.
      if (stream?.signal.aborted) continue;
      if (!watchable && !failed) {
        await pause(pollMilliseconds, whole.signal);
        continue;
      }
      setState('retrying');
      delay = Date.now() - began > steadyMilliseconds ? firstDelay : Math.min(delay * 2, longestDelay);
      await pause(expired ? firstDelay : delay, whole.signal);
    }
  }

  // A tab nobody looks at gives its connection back: browsers allow six to a server.
  let hiddenTimer;
  const onVisibility = () => {
    clearTimeout(hiddenTimer);
    if (document.hidden) hiddenTimer = setTimeout(() => stream?.abort(), hiddenLimit);
  };
  document.addEventListener('visibilitychange', onVisibility);
  run();

  return {
    stop() {
      whole.abort();
      clearTimeout(hiddenTimer);
      document.removeEventListener('visibilitychange', onVisibility);
      setState(null);
    },
    reload() {
      version = null;
      stream?.abort();
    },
  };
}

function lastVersion(events) {
  const object = events.at(-1)?.object;
  return object?.metadata?.resourceVersion || object?.rows?.[0]?.object?.metadata?.resourceVersion;
}

/** Reads a watch response: newline-separated events, in the batches the network delivers. */
async function* eventBatches(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const lines = (rest + value).split('\n');
    rest = lines.pop();
    const events = lines.filter((line) => line.trim()).map((line) => JSON.parse(line));
    const failed = events.find((event) => event.type === 'ERROR');
    if (failed) throw new ApiError(failed.object?.code ?? 500, failed.object, 'The watch ended with an error');
    if (events.length) yield events;
  }
}

function pause(milliseconds, signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener('abort', () => resolve(clearTimeout(timer)), { once: true });
  });
}

function untilVisible(signal) {
  if (!document.hidden) return Promise.resolve();
  return new Promise((resolve) => {
    document.addEventListener('visibilitychange', resolve, { once: true });
    signal.addEventListener('abort', resolve, { once: true });
  });
}
