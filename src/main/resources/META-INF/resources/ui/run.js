// The view of one run: its facts, its result or error, its steps on a time axis, its raw data.
import * as api from './api.js';
import {copyButton, el, foreign, setAttr, setText} from './dom.js';
import * as f from './format.js';
import {folded} from './json.js';
import {problemPanel} from './problem.js';
import {resultPanel} from './result.js';
import {ENDED, statusBadge, updateBadge} from './status.js';
import {timeline} from './timeline.js';

/** At most this often while news of the run comes in. */
const LOAD_EVERY_MS = 300;
/** A run that goes on is asked for again even without news, because a step may move while its run stays as it is. */
const LOAD_IDLE_MS = 4000;

export function runView({id, backTo}) {
  const life = new AbortController();
  const steps = timeline();
  const head = header(id, backTo);
  const outcome = el('div', {class: 'outcome-slot'});
  const raw = el('section', {class: 'panel raws', 'aria-label': 'Raw data'}, el('h2', {}, 'Raw data'));
  const body = el('div', {class: 'view'});
  const replace = memo();
  let run = null;
  let timer = 0;
  let loading = false;
  let again = false;

  body.append(head.node, el('p', {class: 'muted'}, 'Loading…'));

  async function load() {
    clearTimeout(timer);
    if (loading) {
      again = true;
      return;
    }
    loading = true;
    try {
      take(await api.run(id, life.signal));
    } catch (e) {
      failed(e);
    }
    loading = false;
    if (life.signal.aborted) return;
    const wait = again ? LOAD_EVERY_MS : run && !ENDED.has(run.status) ? LOAD_IDLE_MS : 0;
    again = false;
    if (wait) timer = setTimeout(load, wait);
  }

  function take(loaded) {
    if (!run) body.replaceChildren(head.node, outcome, steps.node, raw);
    run = loaded;
    const now = Date.now();
    head.show(run, now);
    replace(outcome, [run.error, run.output, run.status], () => outcomeParts(run));
    steps.show(run, now);
    replace(raw, [run.input, run.output], () => [el('h2', {}, 'Raw data'),
      folded('Input', run.input), isGiven(run.output) ? folded('Output', run.output) : null]);
    view.title = `${run.title || run.workflow} · ${run.status}`;
    view.onTitle?.();
  }

  function failed(e) {
    if (e.name === 'AbortError' || e instanceof api.Unreachable) return;
    if (!(e instanceof api.Refused)) throw e;
    if (run) return; // what is on the page stays; the next news loads it again
    const missing = e.problem.status === 404;
    const heading = missing ? 'There is no such run' : 'The run cannot be shown';
    body.replaceChildren(head.node, problemPanel(e.problem, heading),
        missing ? el('p', {class: 'muted'}, 'No run has the id ', foreign(id, {class: 'mono'}),
            '. It may have been removed after its retention time, or the address was cut short.') : '');
  }

  load();
  const view = {
    node: body, title: id,
    onRuns: changed => {
      const news = changed.find(r => r.id === id);
      if (!news) return;
      if (run) head.show({...run, ...news}, Date.now());
      load();
    },
    onStale: load,
    tick: now => { if (run) { head.tick(run, now); steps.tick(now); } },
    back: () => { location.hash = backTo; },
    stop: () => { life.abort(); clearTimeout(timer); },
  };
  return view;
}

/** Fills a node again only when what it shows has changed, so that folds, selection and scrolling are left alone. */
function memo() {
  const last = new Map();
  return (node, data, build) => {
    const key = JSON.stringify(data);
    if (last.get(node) === key) return;
    last.set(node, key);
    node.replaceChildren(...build().filter(Boolean));
  };
}

function outcomeParts(run) {
  return [run.error ? problemPanel(run.error) : null, isGiven(run.output) ? resultPanel(run.output) : null];
}

const isGiven = value => value !== null && value !== undefined;

const FACTS = [
  ['Workflow', run => run.workflow],
  ['Revision', run => run.revision ? String(run.revision).replace(/^sha256:/, '').slice(0, 12) : f.NONE],
  ['Accepted', (run, now) => f.when(run.acceptedAt, now)],
  ['Queued for', (run, now) => f.elapsed(run.acceptedAt, run.startedAt ?? run.endedAt, now)],
  ['Duration', (run, now) => f.elapsed(run.startedAt, run.endedAt, now)],
  ['Tokens in', run => f.count(run.usage?.inputTokens)],
  ['Tokens out', run => f.count(run.usage?.outputTokens)],
  ['Cost', costText],
];

/** The ledger has what lost attempts have paid, too; functions that call no model by Sluice say theirs themselves. */
function costText(run) {
  const sum = Math.max(run.usage?.costMicros ?? 0, run.cost?.micros ?? 0);
  return f.costBetween(sum, run.cost?.uncertainMicros);
}

function header(id, backTo) {
  const title = el('h1', {tabindex: '-1'}, foreign(id));
  const badge = statusBadge('queued');
  const facts = FACTS.map(([name, value]) => ({value, dd: el('dd', {}, f.NONE), name}));
  const grid = el('dl', {class: 'facts', hidden: true},
      facts.map(({name, dd}) => el('div', {}, el('dt', {}, name), dd)));
  badge.hidden = true;
  badge.setAttribute('role', 'status');
  const node = el('header', {class: 'run-head'},
      el('p', {class: 'crumb'}, el('a', {href: backTo}, '← All runs'),
          el('span', {class: 'run-id'}, foreign(id, {class: 'mono'}), copyButton(id))),
      el('div', {class: 'run-title'}, title, badge), grid);

  function tick(run, now) {
    for (const {value, dd} of facts) setText(dd, value(run, now));
  }

  function show(run, now) {
    setText(title.firstChild, run.title || run.workflow);
    badge.hidden = grid.hidden = false;
    updateBadge(badge, run.status);
    setAttr(facts[1].dd, 'title', run.revision ?? null);
    setAttr(facts[2].dd, 'title', f.whenFull(run.acceptedAt));
    tick(run, now);
  }
  return {node, show, tick: (run, now) => { if (!run.endedAt) tick(run, now); }};
}
