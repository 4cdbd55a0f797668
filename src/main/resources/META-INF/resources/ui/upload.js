// Sending documents: drop them anywhere on the page, or choose them. What is refused is shown with its reason.
import * as api from './api.js';
import {el, foreign} from './dom.js';
import {count} from './format.js';
import {problemLine} from './problem.js';

/** Documents go in several requests, so that one body stays small: 20 documents or 8 MiB, a larger one goes alone. */
const FILES_PER_REQUEST = 20;
const BYTES_PER_REQUEST = 8 * 1024 * 1024;
/** More refusals than this are counted, not listed. */
const REFUSED_SHOWN = 50;

export function uploader({workflow, onAccepted}) {
  const input = el('input', {type: 'file', multiple: true, id: 'files', class: 'hidden-input', tabindex: '-1',
    'aria-hidden': 'true'});
  const button = el('button', {type: 'button', class: 'button', onclick: () => input.click()}, 'Choose documents');
  const target = el('b');
  const outcome = el('div', {class: 'outcome', role: 'status'});
  const node = el('section', {class: 'drop', 'aria-label': 'Send documents'},
      el('div', {class: 'drop-line'}, button, input,
          el('p', {}, el('span', {class: 'wide'}, 'or drop them anywhere on this page. '),
              'Each starts a run of ', target, '.')),
      outcome);
  let busy = false;

  input.addEventListener('change', () => {
    send([...input.files]);
    input.value = '';
  });

  async function send(files) {
    if (busy || !files.length) return;
    busy = true;
    button.disabled = true;
    const total = {sent: 0, runs: [], refused: []};
    for (const part of parts(files)) {
      outcome.replaceChildren(el('p', {}, `Sending ${count(total.sent + part.length)} of ${count(files.length)}…`));
      await sendPart(workflow(), part, total);
      total.sent += part.length;
      onAccepted();
    }
    busy = false;
    button.disabled = false;
    showOutcome(outcome, total);
  }

  const undo = listenForDrops(node, send);
  return {node, choose: () => input.click(), showTarget: () => { target.textContent = workflow(); }, stop: undo};
}

function* parts(files) {
  let part = [];
  let size = 0;
  for (const file of files) {
    if (part.length && (part.length === FILES_PER_REQUEST || size + file.size > BYTES_PER_REQUEST)) {
      yield part;
      part = [];
      size = 0;
    }
    part.push(file);
    size += file.size;
  }
  if (part.length) yield part;
}

async function sendPart(workflow, files, total) {
  try {
    const answer = await api.upload(workflow, files);
    total.runs.push(...answer.runs ?? []);
    total.refused.push(...answer.refused ?? []);
  } catch (e) {
    const problem = e instanceof api.Refused ? e.problem
      : {title: 'No answer', detail: 'Not sent: the server gave no answer, or this is a folder or cannot be read.'};
    total.refused.push(...files.map(file => ({name: file.name, problem})));
  }
}

function showOutcome(outcome, {runs, refused}) {
  const said = [[runs, 'accepted'], [refused, 'refused']].filter(([list]) => list.length)
      .map(([list, word]) => `${count(list.length)} ${word}`).join(', ');
  const dismiss = () => outcome.replaceChildren();
  const close = el('button', {type: 'button', class: 'quiet small', onclick: dismiss}, 'Dismiss');
  const open = runs.length === 1 ? el('a', {href: `#/runs/${encodeURIComponent(runs[0].id)}`}, 'Open the run') : null;
  outcome.replaceChildren(el('p', {class: 'said'}, el('span', {}, `${said || 'Nothing accepted'}.`), open, close));
  if (!refused.length) return;
  outcome.append(el('ul', {class: 'refused'}, refused.slice(0, REFUSED_SHOWN).map(({name, problem}) =>
    el('li', {}, foreign(name ?? 'document', {class: 'refused-name'}), problemLine(problem ?? {})))));
  const more = refused.length - REFUSED_SHOWN;
  if (more > 0) outcome.append(el('p', {class: 'muted'}, `and ${count(more)} more`));
}

/** The whole page takes drops. Without this a browser would leave the page and show the dropped file. */
function listenForDrops(node, send) {
  const carriesFiles = e => [...e.dataTransfer?.types ?? []].includes('Files');
  const over = e => {
    if (!carriesFiles(e)) return;
    e.preventDefault();
    node.dataset.over = '';
  };
  const leave = e => { if (!e.relatedTarget) delete node.dataset.over; };
  const drop = e => {
    if (!carriesFiles(e)) return;
    e.preventDefault();
    delete node.dataset.over;
    send([...e.dataTransfer.files]);
  };
  const stop = new AbortController();
  for (const [type, listener] of [['dragover', over], ['dragleave', leave], ['drop', drop]]) {
    addEventListener(type, listener, {signal: stop.signal});
  }
  return () => stop.abort();
}
