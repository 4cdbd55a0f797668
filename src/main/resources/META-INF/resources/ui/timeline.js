// Steps and attempts on a time axis. Steps that ran side by side lie under one another, so parallel work is seen.
import {el, foreign, setText} from './dom.js';
import * as f from './format.js';
import {folded} from './json.js';
import {codeLink, problemLine} from './problem.js';
import {statusBadge} from './status.js';

/** A shorter bar could not be seen. */
const BAR_MIN_PERCENT = 0.6;
const TICKS_MAX = 5;

export function timeline() {
  const axis = el('div', {class: 'axis', 'aria-hidden': 'true'});
  const list = el('ol', {class: 'steps'});
  const node = el('section', {class: 'panel', 'aria-label': 'Steps'}, el('h2', {}, 'Steps'), axis, list);
  const shown = new Map();
  let run = null;

  /** A step is built again only if it changed, and keeps its fold and its focus. */
  function show(newRun, now) {
    run = newRun;
    const steps = run.steps ?? [];
    node.hidden = !steps.length;
    const keep = new Set(steps.map(s => s.step));
    for (const [key, row] of shown) if (!keep.has(key)) { row.node.remove(); shown.delete(key); }
    steps.forEach((step, i) => {
      const row = rowOf(step);
      if (list.children[i] !== row.node) list.insertBefore(row.node, list.children[i] ?? null);
    });
    layout(now);
  }

  function rowOf(step) {
    const json = JSON.stringify(step);
    const old = shown.get(step.step);
    if (old?.json === json) return old;
    const row = {json, ...stepRow(step)};
    if (old) {
      const focused = old.node.contains(document.activeElement);
      row.details.open = old.details.open;
      old.node.replaceWith(row.node);
      if (focused) row.summary.focus({preventScroll: true});
    }
    shown.set(step.step, row);
    return row;
  }

  /** Places every bar; bars that run reach to now. */
  function layout(now) {
    if (!run) return;
    const span = spanOf(run, now);
    for (const row of shown.values()) {
      for (const {bar, attempt} of row.bars) place(bar, attempt, span);
      setText(row.took, tookText(row.step, now));
    }
    showAxis(axis, span);
  }

  return {node, show, tick: now => { if (run && !run.endedAt) layout(now); }};
}

function spanOf(run, now) {
  const times = [run.acceptedAt, run.startedAt, run.endedAt,
    ...(run.steps ?? []).flatMap(s => (s.attempts ?? []).flatMap(a => [a.startedAt, a.endedAt]))]
      .map(f.millis).filter(t => t !== null);
  const from = Math.min(...times);
  const to = Math.max(...times, run.endedAt ? 0 : now, from + 1);
  return {from, to, now};
}

function place(bar, attempt, {from, to, now}) {
  const start = f.millis(attempt.startedAt);
  bar.hidden = start === null;
  if (start === null) return;
  const end = Math.max(start, f.millis(attempt.endedAt) ?? now);
  const width = Math.max(BAR_MIN_PERCENT, 100 * (end - start) / (to - from));
  bar.style.left = `${Math.min(100 - width, 100 * (start - from) / (to - from))}%`;
  bar.style.width = `${width}%`;
}

/** 1, 2 or 5 times a power of ten milliseconds below a minute, else seconds, minutes and hours as clocks count. */
function tickSize(length) {
  const least = length / TICKS_MAX;
  for (let unit = 1; unit < 60_000; unit *= 10) {
    for (const n of [1, 2, 5]) if (n * unit >= least && n * unit < 20_000) return n * unit;
  }
  const clock = [30, 60, 120, 300, 600, 1800, 3600, 7200, 21_600, 86_400].map(s => s * 1000);
  return clock.find(t => t >= least) ?? Math.ceil(least / 86_400_000) * 86_400_000;
}

function showAxis(axis, {from, to}) {
  const size = tickSize(to - from);
  const marks = [];
  for (let t = 0; t <= (to - from) * 0.97; t += size) marks.push(t);
  while (axis.children.length > marks.length) axis.lastChild.remove();
  marks.forEach((t, i) => {
    const mark = axis.children[i] ?? axis.appendChild(el('span'));
    mark.style.left = `${100 * t / (to - from)}%`;
    setText(mark, t === 0 ? '0' : f.duration(t).replace('.0 s', ' s').replace(/ m 00 s$/, ' m'));
  });
}

function tookText(step, now) {
  const attempts = (step.attempts ?? []).filter(a => a.startedAt);
  if (!attempts.length) return f.NONE;
  const last = attempts.at(-1);
  return f.elapsed(attempts[0].startedAt, last.endedAt, now);
}

function stepRow(step) {
  const attempts = step.attempts ?? [];
  const bars = attempts.map(attempt => ({attempt, bar: barOf(attempt, attempts.length)}));
  const took = el('span', {class: 'num took'});
  const summary = el('summary', {class: 'step-line', 'data-step': true},
      el('span', {class: 'step-name'}, statusBadge(step.status),
          el('span', {class: 'step-title', title: step.step}, step.name ?? step.step),
          attempts.length > 1 ? el('span', {class: 'tries'}, `${attempts.length} attempts`) : null),
      el('span', {class: 'track', 'aria-hidden': 'true'}, bars.map(b => b.bar)),
      took);
  const details = el('details', {open: step.status === 'failed'}, summary, el('div', {class: 'step-more'},
      el('p', {class: 'muted'}, el('code', {}, step.step),
          step.function ? ' · function ' : null, step.function ? el('code', {}, step.function) : null),
      attempts.length ? attemptTable(attempts) : null,
      step.output !== null && step.output !== undefined ? folded('Output', step.output) : null));
  return {step, node: el('li', {}, details), details, summary, bars, took};
}

function barOf(attempt, of) {
  const problem = attempt.problem?.title ? `: ${attempt.problem.title}` : '';
  return el('span', {class: 'bar-run', 'data-status': attempt.status,
    title: `attempt ${attempt.attempt} of ${of}, ${attempt.status}${problem}`});
}

function attemptTable(attempts) {
  const head = ['Attempt', 'Status', 'Started', 'Duration', 'Tokens', 'Cost'];
  const now = Date.now();
  return el('div', {class: 'scroll'}, el('table', {class: 'attempts'},
      el('thead', {}, el('tr', {}, head.map(h => el('th', {scope: 'col'}, h)))),
      el('tbody', {}, attempts.flatMap(a => [
        el('tr', {}, el('td', {}, String(a.attempt)), el('td', {}, statusBadge(a.status)),
            el('td', {}, el('time', {datetime: a.startedAt, title: f.whenFull(a.startedAt)}, f.when(a.startedAt))),
            el('td', {}, a.endedAt ? f.elapsed(a.startedAt, a.endedAt, now) : f.NONE),
            el('td', {}, f.count(f.tokens(a.usage))), el('td', {}, f.cost(a.usage?.costMicros))),
        a.problem ? el('tr', {class: 'why'}, el('td'), el('td', {colspan: '5'}, problemLine(a.problem))) : null,
        ...(a.calls ?? []).map(callRow),
      ]))));
}

/** One exchange with a model, in the columns of the attempt that made it. */
function callRow(call) {
  const where = [call.model, call.endpoint].filter(Boolean).join(' · ') || 'endpoint not known';
  const isCode = /^SL\d{4}$/.test(call.outcome);
  const at = `${f.whenFull(call.at)}${call.hedge ? ', asked beside another that was slow' : ''}`;
  return el('tr', {class: 'call'},
      el('td', {}, call.rung || 'call'),
      el('td', {}, isCode ? codeLink(call.outcome) : foreign(call.outcome), call.hedge ? ' · hedge' : null),
      el('td', {title: at}, foreign(where)), el('td', {}, f.duration(call.millis)),
      el('td', {}, f.count(f.tokens(call))), el('td', {}, f.costBetween(call.costMicros, call.uncertainMicros)));
}
