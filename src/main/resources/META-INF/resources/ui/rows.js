// The list of runs: one row per run, changed in place, never re-created, so that focus and selection survive updates.
import {el, foreign, setAttr, setText} from './dom.js';
import * as f from './format.js';
import {statusBadge, updateBadge} from './status.js';

const HEADS = [['Status'], ['Document'], ['Started', 'num'], ['Duration', 'num'], ['Tokens', 'num'], ['Cost', 'num']];

export function rowList() {
  const body = el('div', {class: 'rows', role: 'rowgroup'});
  const node = el('div', {class: 'runs', role: 'table', 'aria-label': 'Runs'},
      el('div', {class: 'row head', role: 'row'}, HEADS.map(([text, kind]) =>
        el('span', {role: 'columnheader', class: kind}, text))),
      body);
  const rows = new Map();

  /** Makes the page show exactly these runs in this order. hintOf(run) gives {label, text} or null. */
  function show(runs, hintOf, now) {
    const keep = new Set(runs.map(r => r.id));
    for (const [id, row] of rows) if (!keep.has(id)) drop(id, row);
    let at = body.firstChild;
    for (const run of runs) {
      let row = rows.get(run.id);
      if (!row) rows.set(run.id, row = createRow(run));
      if (row.node === at) at = at.nextSibling;
      else body.insertBefore(row.node, at);
      updateRow(row, run, hintOf(run), now);
    }
  }

  function drop(id, row) {
    if (row.node.contains(document.activeElement)) {
      (row.node.nextSibling ?? row.node.previousSibling)?.querySelector('a')?.focus();
    }
    row.node.remove();
    rows.delete(id);
  }

  /** Only the durations that are still growing. */
  function tick(now) {
    for (const row of rows.values()) if (row.run.startedAt && !row.run.endedAt) setDuration(row, now);
  }

  return {node, show, tick, focus: id => rows.get(id)?.link.focus()};
}

function createRow(run) {
  const row = {
    run,
    badge: statusBadge(run.status),
    link: el('a', {href: `#/runs/${encodeURIComponent(run.id)}`, 'data-step': true}),
    title: foreign('', {class: 'row-title'}),
    label: foreign('', {class: 'tag'}),
    hint: foreign('', {class: 'row-hint'}),
    started: el('time', {}),
    duration: el('span', {role: 'cell', class: 'num c-duration'}),
    tokens: el('span', {role: 'cell', class: 'num c-tokens'}),
    cost: el('span', {role: 'cell', class: 'num c-cost'}),
  };
  row.link.append(row.title);
  row.node = el('div', {class: 'row', role: 'row'},
      el('span', {role: 'cell', class: 'c-status'}, row.badge),
      el('span', {role: 'cell', class: 'c-doc'}, row.link, el('span', {class: 'row-sub'}, row.label, row.hint)),
      el('span', {role: 'cell', class: 'num c-started'}, row.started),
      row.duration, row.tokens, row.cost);
  return row;
}

function updateRow(row, run, hint, now) {
  row.run = run;
  updateBadge(row.badge, run.status);
  setText(row.title, run.title || run.workflow);
  const error = run.error;
  setText(row.label, error ? error.code ?? '' : hint?.label ?? '');
  row.label.hidden = !row.label.textContent;
  setText(row.hint, error ? error.title ?? error.detail ?? '' : hint?.text ?? `${run.workflow} · ${run.id}`);
  const begun = run.startedAt ?? run.acceptedAt;
  setText(row.started, f.when(begun, now));
  setAttr(row.started, 'datetime', begun ?? null);
  setAttr(row.started, 'title', begun ? `${run.startedAt ? 'Started' : 'Accepted'} ${f.whenFull(begun)}` : null);
  setDuration(row, now);
  setText(row.tokens, f.shortCount(f.tokens(run.usage)));
  setText(row.cost, f.cost(run.usage?.costMicros));
}

function setDuration(row, now) {
  setText(row.duration, f.elapsed(row.run.startedAt, row.run.endedAt, now));
}
