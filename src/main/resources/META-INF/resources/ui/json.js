// Raw JSON, folded, written out only when it is opened: a payload may be large.
import {copyButton, el} from './dom.js';

/** A browser lays out about this much preformatted text without a pause. */
const SHOWN_MAX = 200_000;

export function jsonBlock(value) {
  const text = JSON.stringify(value, null, 2) ?? 'null';
  const cut = text.length > SHOWN_MAX;
  const note = `The first ${SHOWN_MAX} of ${text.length} characters are shown. Copy takes all.`;
  return el('div', {class: 'json'},
      el('pre', {tabindex: '0'}, cut ? text.slice(0, SHOWN_MAX) : text),
      cut ? el('p', {class: 'muted'}, note) : null,
      copyButton(text));
}

export function folded(title, value, open = false) {
  const details = el('details', {class: 'raw', open}, el('summary', {'data-step': true}, title));
  const fill = () => { if (details.open && details.children.length === 1) details.append(jsonBlock(value)); };
  details.addEventListener('toggle', fill);
  fill();
  return details;
}
