// How a problem (RFC 9457) is shown: title, detail, and the code as a link to its page.
import {el, foreign} from './dom.js';

export function codeLink(code) {
  return code ? el('a', {class: 'code', href: `#/errors/${encodeURIComponent(code)}`}, code) : null;
}

/** One line, for a list of refusals or attempts. */
export function problemLine(problem) {
  const text = problem.detail || problem.title || 'no reason given';
  return el('span', {class: 'problem-line'}, codeLink(problem.code), problem.code ? ' ' : null, foreign(text));
}

export function problemPanel(problem, heading = null) {
  const title = problem.title || 'Failed';
  return el('section', {class: 'panel problem', 'aria-label': 'Error'},
      el('h2', {}, heading ?? foreign(title)),
      heading && !problem.detail ? el('p', {}, foreign(title)) : null,
      problem.detail && problem.detail !== title ? el('p', {class: 'detail'}, foreign(problem.detail)) : null,
      problem.code ? el('p', {}, codeLink(problem.code), ' what it means, what to do') : null);
}
