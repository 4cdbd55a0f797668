// The view of all runs: counts that filter, the live list, and the way in for documents.
import * as api from './api.js';
import {copyButton, el, setText} from './dom.js';
import {count, shortCount} from './format.js';
import {hintStore} from './hints.js';
import {problemPanel} from './problem.js';
import {rowList} from './rows.js';
import {STATUSES, statusBadge} from './status.js';
import {uploader} from './upload.js';

/** More rows than this help nobody to find a run and make every update dearer; the filters lead to older ones. */
const ROWS_MAX = 200;
const PAGE = 50;
/** Counts come from the server, because this page sees only a window of the runs. */
const COUNTS_EVERY_MS = 1000;
const FIRST_WORKFLOW = 'document-analysis';

const newestFirst = (a, b) => a.acceptedAt < b.acceptedAt ? 1 : a.acceptedAt > b.acceptedAt ? -1 : a.id < b.id ? 1 : -1;

export function runsView({params, onCounts, lastRun}) {
  const filter = {status: params.get('status') ?? '', workflow: params.get('workflow') ?? '', q: params.get('q') ?? ''};
  const known = new Map();
  /** Runs that the feed changed while a page was being loaded: their news is newer than the page. */
  let duringLoad = null;
  let next = null;
  let counts = null;
  let workflows = [];
  let loading = new AbortController();
  const life = new AbortController();
  let countsTimer = 0;
  let problem = null;

  const hints = hintStore(render);
  const target = () => filter.workflow || (workflows.some(w => w.name === FIRST_WORKFLOW) || !workflows.length
    ? FIRST_WORKFLOW : workflows[0].name);
  const drop = uploader({workflow: target, onAccepted: () => load()});
  const list = rowList();
  const ui = layout(filter, {setFilter, loadOlder});
  const node = el('div', {class: 'view'},
      el('h1', {class: 'sr'}, 'Runs'), ui.chips.node, drop.node, ui.bar, list.node, ui.below);

  function setFilter(change) {
    Object.assign(filter, change);
    const search = new URLSearchParams(Object.entries(filter).filter(([, v]) => v));
    history.replaceState(null, '', search.size ? `#/?${search}` : '#/');
    if ('q' in change) {
      render();
      return;
    }
    known.clear();
    next = null;
    load();
  }

  async function load() {
    loading.abort();
    loading = new AbortController();
    const during = duringLoad = new Set();
    try {
      const page = await api.runs({...server(), limit: PAGE}, loading.signal);
      counts = page.counts ?? counts;
      forgetBefore(page);
      takePage(page);
      problem = null;
    } catch (e) {
      failed(e);
    }
    if (duringLoad === during) duringLoad = null;
    render();
  }

  /** Older rows stay if the new page reaches them, else the list would have a hole; what the page lacks is gone. */
  function forgetBefore(page) {
    const oldest = page.runs.at(-1);
    const reaches = page.next && page.runs.some(run => known.has(run.id) && !duringLoad.has(run.id));
    for (const [id, run] of known) {
      const inPage = !reaches || newestFirst(run, oldest) < 0;
      if (inPage && !duringLoad.has(id)) known.delete(id);
    }
    if (!reaches) next = page.next;
  }

  async function loadOlder() {
    if (!next) return;
    const during = duringLoad ??= new Set();
    try {
      const page = await api.runs({...server(), limit: PAGE, cursor: next}, loading.signal);
      next = page.next;
      takePage(page);
    } catch (e) {
      failed(e);
    }
    if (duringLoad === during) duringLoad = null;
    render();
  }

  function takePage(page) {
    for (const run of page.runs) if (!duringLoad?.has(run.id)) known.set(run.id, run);
    ui.loaded = true;
  }

  function failed(e) {
    if (e.name === 'AbortError') return;
    if (e instanceof api.Refused) problem = e.problem;
    else if (!(e instanceof api.Unreachable)) throw e; // the banner speaks for Unreachable
  }

  const server = () => ({status: filter.status, workflow: filter.workflow});
  const fits = run => (!filter.status || run.status === filter.status)
      && (!filter.workflow || run.workflow === filter.workflow);

  /** From the feed, once per frame. */
  function onRuns(changed) {
    const sorted = next && known.size ? [...known.values()].sort(newestFirst) : null;
    const oldest = sorted?.at(-1);
    for (const run of changed) {
      duringLoad?.add(run.id);
      // Older than the window: it comes with "Show older", else the list would have a hole.
      const inside = known.has(run.id) || !oldest || newestFirst(run, oldest) < 0;
      if (fits(run) && inside) known.set(run.id, run);
      else known.delete(run.id);
    }
    render();
    countsTimer ||= setTimeout(loadCounts, COUNTS_EVERY_MS);
  }

  async function loadCounts() {
    const page = await api.runs({workflow: filter.workflow, limit: 1}, life.signal).catch(() => null);
    countsTimer = 0;
    if (!page?.counts) return;
    counts = page.counts;
    render();
  }

  function matching(runs) {
    const words = filter.q.toLowerCase().split(/\s+/).filter(Boolean);
    if (!words.length) return runs;
    return runs.filter(run => {
      const hint = hints.of(run);
      const text = [run.id, run.title, run.workflow, run.status, run.error?.code, run.error?.title,
        hint?.label, hint?.text].join(' ').toLowerCase();
      return words.every(word => text.includes(word));
    });
  }

  function render() {
    const all = [...known.values()].sort(newestFirst);
    for (const run of all.splice(ROWS_MAX)) known.delete(run.id);
    const shown = matching(all);
    hints.want(shown);
    list.show(shown, hints.of, Date.now());
    list.node.hidden = !shown.length;
    ui.chips.show(counts, filter.status);
    if (counts) onCounts(counts);
    ui.show({shown: shown.length, loaded: all.length, next, problem, workflows, target: target()});
    drop.showTarget();
  }

  load().then(() => { if (lastRun) list.focus(lastRun); });
  api.workflows(life.signal).then(page => { workflows = page.workflows ?? []; render(); }, () => {});

  return {
    node, onRuns, title: 'Runs',
    onStale: load,
    tick: now => list.tick(now),
    focusFilter: () => { ui.q.focus(); ui.q.select(); },
    choose: drop.choose,
    back: () => { if (filter.q || filter.status || filter.workflow) ui.clear(); },
    stop: () => { loading.abort(); life.abort(); hints.stop(); drop.stop(); clearTimeout(countsTimer); },
  };
}

function chipRow(setFilter) {
  const chips = new Map();
  const chip = (status, word) => {
    const figure = el('span', {class: 'figure'}, '–');
    const node = el('button', {type: 'button', class: 'chip', 'data-status': status || 'all', 'aria-pressed': 'false',
      onclick: () => setFilter({status: node.getAttribute('aria-pressed') === 'true' ? '' : status})},
    figure, status ? statusBadge(status) : el('span', {class: 'status'}, word));
    chips.set(status, {node, figure});
    return node;
  };
  const node = el('div', {class: 'chips', role: 'group', 'aria-label': 'Filter by status'},
      chip('', 'all runs'), STATUSES.map(status => chip(status, status)));

  function show(counts, chosen) {
    const total = counts ? STATUSES.reduce((sum, s) => sum + (counts[s] ?? 0), 0) : null;
    for (const [status, {node: button, figure}] of chips) {
      const n = status ? counts?.[status] ?? (counts ? 0 : null) : total;
      setText(figure, shortCount(n));
      figure.title = n >= 10_000 ? count(n) : '';
      button.toggleAttribute('data-zero', n === 0);
      button.setAttribute('aria-pressed', String(status === chosen));
    }
  }
  return {node, show};
}

function layout(filter, {setFilter, loadOlder}) {
  const chips = chipRow(setFilter);
  const q = el('input', {type: 'search', id: 'filter', placeholder: 'Filter the list',
    'aria-label': 'Filter the list by text', 'aria-keyshortcuts': '/', autocomplete: 'off', spellcheck: 'false',
    value: filter.q});
  q.addEventListener('input', () => setFilter({q: q.value.trim()}));
  const pick = el('select', {'aria-label': 'Workflow', onchange: () => setFilter({workflow: pick.value})});
  const download = el('a', {class: 'quiet', download: true, href: '#/'},
      'Download results', el('span', {class: 'wide'}, ' (JSON lines)'));
  const said = el('p', {class: 'muted', role: 'status'});
  const older = el('button', {type: 'button', class: 'button plain', onclick: loadOlder}, 'Show older runs');
  const clear = () => { q.value = ''; setFilter({q: ''}); setFilter({status: '', workflow: ''}); };
  const below = el('div', {class: 'below'});

  function show(state) {
    showWorkflows(pick, state.workflows, filter.workflow);
    download.setAttribute('href', api.resultsFile(state.target));
    const filtered = filter.q || filter.status || filter.workflow;
    const full = state.loaded >= ROWS_MAX;
    const parts = [];
    if (state.problem) parts.push(problemPanel(state.problem, 'The runs cannot be listed'));
    else if (!state.shown && self.loaded) parts.push(filtered ? nothingFits(clear) : firstDocument(state.target));
    if (full) setText(said, `The newest ${ROWS_MAX} are listed. Filter to find older runs.`);
    else if (filter.q) setText(said, `${count(state.shown)} listed of ${count(state.loaded)} loaded`);
    else setText(said, state.shown ? `${count(state.shown)} listed` : '');
    parts.push(said);
    if (state.next && !full) parts.push(older);
    // Replacing on every frame would take the focus from the button and make the status line speak again.
    const key = parts.map(p => p.dataset.key ?? p.className).join();
    if (below.dataset.shows !== key) below.replaceChildren(...parts);
    below.dataset.shows = key;
  }

  const self = {chips, q, below, clear, show, loaded: false,
    bar: el('div', {class: 'bar'},
        el('label', {class: 'find'}, q, el('kbd', {'aria-hidden': 'true'}, '/')), pick, download)};
  return self;
}

function showWorkflows(pick, workflows, chosen) {
  const names = [...new Set([...workflows.map(w => w.name), chosen].filter(Boolean))].sort();
  const key = names.join('\n');
  if (pick.dataset.names !== key) {
    pick.dataset.names = key;
    pick.replaceChildren(el('option', {value: ''}, 'All workflows'),
        ...names.map(name => el('option', {value: name}, name)));
  }
  pick.value = chosen;
}

function nothingFits(clear) {
  return el('section', {class: 'empty', 'data-key': 'nothing'}, el('h2', {}, 'No run fits this filter'),
      el('p', {}, el('button', {type: 'button', class: 'button plain', onclick: clear}, 'Show all runs')));
}

function firstDocument(workflow) {
  const line = `curl -F file=@/usr/share/common-licenses/GPL-3 ${location.origin}${api.uploadPath(workflow)}`;
  return el('section', {class: 'empty', 'data-key': `first ${workflow}`},
      el('h2', {}, 'No runs yet'),
      el('p', {}, 'Send the first document: choose one above, drop it on this page, or send it from a terminal.'),
      el('div', {class: 'command'}, el('code', {}, line), copyButton(line)),
      el('p', {class: 'muted'}, 'The run appears here at once. Its result opens with Enter.'));
}
