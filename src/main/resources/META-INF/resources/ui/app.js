// The dashboard's start: routes, feed, connection, keys, theme.
import * as api from './api.js';
import {setText} from './dom.js';
import {errorView} from './errors.js';
import {openFeed} from './feed.js';
import {runView} from './run.js';
import {runsView} from './runs.js';

/** While the server is gone. */
const PROBE_MS = 3000;
const TICK_MS = 1000;

const byId = id => document.getElementById(id);
const main = byId('main');

// Routes

/** The list as it was last seen, filters and all: where "back" leads. */
let listHash = '#/';
let lastRun = null;
let view = null;

function route() {
  const [path, search] = location.hash.replace(/^#/, '').split('?');
  const [, kind, ...rest] = path.split('/');
  const name = decode(rest.join('/'));
  view?.stop();
  if (kind === 'runs' && name) {
    view = runView({id: name, backTo: listHash});
    lastRun = name;
  } else if (kind === 'errors' && name) {
    view = errorView({code: name, backTo: lastRun ? `#/runs/${encodeURIComponent(lastRun)}` : listHash});
  } else {
    view = runsView({params: new URLSearchParams(search), onCounts: openGate, lastRun});
    lastRun = null;
  }
  main.replaceChildren(view.node);
  view.onTitle = showTitle;
  showTitle();
  scrollTo(0, 0);
  if (started) main.focus({preventScroll: true});
  started = true;
}

let started = false;

function decode(text) {
  try { return decodeURIComponent(text); } catch { return text; }
}

function showTitle() {
  document.title = `${view.title} · Sluice`;
}

addEventListener('hashchange', event => {
  const before = new URL(event.oldURL).hash;
  if (!/^#\/(runs|errors)\//.test(before)) listHash = before || '#/';
  route();
});

// Connection

const live = byId('live');
const banner = byId('banner');
let probe = 0;

function showLive(state) {
  live.dataset.state = state;
  setText(byId('live-text'), state);
}

api.watchReachable(reachable => {
  if (reachable === !probe) return;
  if (reachable) {
    clearInterval(probe);
    probe = 0;
    banner.hidden = true;
    feed.retryNow();
    view?.onStale();
    return;
  }
  probe = setInterval(() => api.health().catch(() => {}), PROBE_MS);
  banner.textContent = 'The server does not answer. What is shown may be out of date; trying again every 3 seconds.';
  banner.hidden = false;
  // At the top of the page the browser would hold the scroll position and so push the first line under the banner.
  if (scrollY < 80) requestAnimationFrame(() => scrollTo(0, 0));
});

const feed = openFeed({
  onRuns: runs => view?.onRuns(runs),
  onStale: () => view?.onStale(),
  onState: state => {
    showLive(state);
    if (state === 'reconnecting' && !probe) api.health().catch(() => {});
  },
});

setInterval(() => { if (!document.hidden) view?.tick(Date.now()); }, TICK_MS);

/** The gate in the logo opens as far as the water stands behind it: none at rest, fully at 100 open runs and more. */
function openGate(counts) {
  const open = (counts.queued ?? 0) + (counts.running ?? 0);
  byId('gate-plate').style.transform = `translateY(${-Math.min(1, Math.log10(1 + open) / 2) * 12}px)`;
}

// Keys

const typing = target => target.closest?.('input, select, textarea, dialog');

function move(by) {
  const stops = [...main.querySelectorAll('[data-step]')].filter(stop => stop.getClientRects().length);
  if (!stops.length) return;
  const at = stops.indexOf(document.activeElement);
  const to = at < 0 ? (by > 0 ? 0 : stops.length - 1) : Math.min(stops.length - 1, Math.max(0, at + by));
  stops[to].focus();
  stops[to].scrollIntoView({block: 'nearest'});
}

const KEYS = {
  j: () => move(1),
  k: () => move(-1),
  u: () => view.choose?.(),
  '?': () => byId('help').showModal(),
  Escape: () => view.back?.(),
  '/': () => {
    if (view.focusFilter) {
      view.focusFilter();
      return;
    }
    addEventListener('hashchange', () => view.focusFilter?.(), {once: true}); // runs after the route's own listener
    location.hash = listHash;
  },
};

addEventListener('keydown', event => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || event.isComposing) return;
  if (typing(event.target)) {
    if (event.key === 'Escape' && event.target.id === 'filter' && !event.target.value) event.target.blur();
    if (event.key === 'Enter' && event.target.id === 'filter') move(1);
    return;
  }
  const act = KEYS[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

byId('keys').addEventListener('click', () => byId('help').showModal());
byId('skip').addEventListener('click', event => {
  event.preventDefault(); // the hash is the route
  main.focus();
});

// Theme

const THEMES = ['auto', 'light', 'dark'];
const themeButton = byId('theme');
const root = document.documentElement;

function showTheme() {
  setText(themeButton, `Theme: ${root.dataset.theme ?? 'auto'}`);
}

themeButton.addEventListener('click', () => {
  const theme = THEMES[(THEMES.indexOf(root.dataset.theme ?? 'auto') + 1) % THEMES.length];
  if (theme === 'auto') delete root.dataset.theme;
  else root.dataset.theme = theme;
  try { localStorage.setItem('sluice.theme', theme); } catch { /* private mode: the choice lasts for this page */ }
  showTheme();
});

showTheme();
route();
