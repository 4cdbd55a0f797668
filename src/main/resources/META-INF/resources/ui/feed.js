// The live feed of runs. Events are kept per run, newest only, and handed over once per frame.

/** More runs than this between two frames (a hidden tab draws none): drop them and reload the view instead. */
const BATCH_MAX = 1000;
/** A hidden tab gives its connection back: a browser opens only six to one server over HTTP/1.1. */
const HIDDEN_CLOSE_MS = 60_000;
const RETRY_MAX_MS = 15_000;

/**
 * @param onRuns called with an array of RunSummary
 * @param onStale called when events may have been missed, so that the view must load again
 * @param onState called with 'live' or 'reconnecting'
 */
export function openFeed({onRuns, onStale, onState}) {
  let source = null;
  let opened = false;
  let retryMs = 1000;
  let timer = 0;
  let frame = 0;
  let overflow = false;
  const batch = new Map();

  function flush() {
    frame = 0;
    if (overflow) {
      overflow = false;
      onStale();
    } else {
      onRuns([...batch.values()]);
    }
    batch.clear();
  }

  function take(event) {
    let run;
    try { run = JSON.parse(event.data); } catch { return; }
    if (!run || typeof run.id !== 'string') return;
    if (batch.size >= BATCH_MAX) {
      overflow = true;
      batch.clear();
    }
    if (!overflow) batch.set(run.id, run);
    frame ||= requestAnimationFrame(flush);
  }

  function connect() {
    clearTimeout(timer);
    timer = 0;
    source?.close();
    source = new EventSource('/v1/feed');
    source.addEventListener('run', take);
    source.onopen = () => {
      retryMs = 1000;
      if (opened) onStale(); // the feed does not repeat what was sent while it was down
      opened = true;
      onState('live');
    };
    source.onerror = () => {
      onState('reconnecting');
      // EventSource reconnects after a broken connection, but gives up for good after an answer that is not 200.
      if (source?.readyState === EventSource.CLOSED) retry();
    };
  }

  function retry() {
    if (timer) return;
    timer = setTimeout(connect, retryMs * (0.75 + Math.random() / 2));
    retryMs = Math.min(retryMs * 2, RETRY_MAX_MS);
  }

  document.addEventListener('visibilitychange', () => {
    if (document.hidden) {
      clearTimeout(timer);
      timer = setTimeout(() => { timer = 0; source?.close(); source = null; }, HIDDEN_CLOSE_MS);
    } else if (!source || source.readyState === EventSource.CLOSED) {
      connect();
    } else {
      clearTimeout(timer);
      timer = 0;
    }
  });

  connect();
  /** Now, without waiting for the browser's own delay. */
  return {retryNow: () => { if (source?.readyState !== EventSource.OPEN) connect(); }};
}
