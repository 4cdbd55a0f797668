// The page of an error code. It is Markdown; the few forms that those pages use are built as DOM nodes here.
import * as api from './api.js';
import {el} from './dom.js';
import {problemPanel} from './problem.js';

export function errorView({code, backTo}) {
  const life = new AbortController();
  const page = el('article', {class: 'panel prose'}, el('p', {class: 'muted'}, 'Loading…'));
  const node = el('div', {class: 'view'},
      el('p', {class: 'crumb'}, el('a', {href: backTo}, '← Back')), page);

  async function load() {
    try {
      page.replaceChildren(...markdown(await api.errorPage(code, life.signal)));
    } catch (e) {
      if (e instanceof api.Refused) page.replaceWith(problemPanel(e.problem, `There is no page for ${code}`));
      else if (e.name !== 'AbortError' && !(e instanceof api.Unreachable)) throw e;
    }
  }

  load();
  return {node, title: code, onStale: () => {}, onRuns: () => {}, tick: () => {}, stop: () => life.abort(),
    back: () => { location.hash = backTo; }};
}

/** Headings, paragraphs, lists and fenced code; anything else stays as the text it is. */
export function markdown(text) {
  const nodes = [];
  const lines = text.replace(/\r/g, '').split('\n');
  let i = 0;
  const take = test => {
    const from = i;
    while (i < lines.length && test(lines[i])) i++;
    return lines.slice(from, i);
  };
  while (i < lines.length) {
    const line = lines[i];
    const heading = /^(#{1,4})\s+(.*)/.exec(line);
    if (/^\s*$/.test(line)) i++;
    else if (heading) {
      nodes.push(el(`h${heading[1].length}`, {}, inline(heading[2])));
      i++;
    } else if (line.startsWith('```')) {
      i++;
      nodes.push(el('pre', {tabindex: '0'}, take(l => !l.startsWith('```')).join('\n')));
      i++;
    } else if (ITEM.test(line)) nodes.push(listOf(take(l => ITEM.test(l) || /^\s+\S/.test(l))));
    else nodes.push(el('p', {}, inline([line, ...(i++, take(isText))].join(' '))));
  }
  return nodes;
}

const ITEM = /^\s*(?:[-*]|\d+\.)\s+/;
const isText = line => /\S/.test(line) && !/^(#{1,4}\s|```)/.test(line) && !ITEM.test(line);

function listOf(lines) {
  const items = [];
  for (const line of lines) {
    if (ITEM.test(line)) items.push(line.replace(ITEM, ''));
    else items[items.length - 1] += ` ${line.trim()}`;
  }
  return el(/^\s*\d/.test(lines[0]) ? 'ol' : 'ul', {}, items.map(item => el('li', {}, inline(item))));
}

function inline(text) {
  return text.split(/(`[^`]+`|\*\*[^*]+\*\*)/).map(part => {
    if (/^`.+`$/.test(part)) return el('code', {}, part.slice(1, -1));
    if (/^\*\*.+\*\*$/.test(part)) return el('strong', {}, part.slice(2, -2));
    return part;
  });
}
