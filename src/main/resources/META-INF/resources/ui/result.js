// The output of a run: that of a document analysis laid out for reading, any other as JSON.
import {el, foreign} from './dom.js';
import {count, percent} from './format.js';
import {jsonBlock} from './json.js';

export function resultPanel(output) {
  const analysis = output && typeof output === 'object' && (output.label || output.summary || output.document);
  return el('section', {class: 'panel result', 'aria-label': 'Result'},
      el('h2', {}, 'Result'), ...(analysis ? analysisParts(output) : [jsonBlock(output)]));
}

function analysisParts(output) {
  const {document: doc, label, confidence, reason, summary, keyPoints, fields} = output;
  const rows = fields && typeof fields === 'object' ? Object.entries(fields) : [];
  const points = Array.isArray(keyPoints) ? keyPoints.map(point => el('li', {}, valueNode(point))) : [];
  const said = [
    label ? el('p', {class: 'verdict'}, foreign(label, {class: 'tag big'}), confidenceMeter(confidence)) : null,
    reason ? el('p', {class: 'muted reason'}, foreign(reason)) : null,
    summary ? el('p', {class: 'summary'}, foreign(summary)) : null,
    ...points.length ? [el('h3', {}, 'Key points'), el('ul', {class: 'points'}, points)] : [],
  ];
  return [
    el('div', {class: 'said-by-model'},
        el('div', {}, said), rows.length ? el('div', {}, fieldTable(rows)) : null),
    doc ? documentLine(doc) : null,
  ].filter(Boolean);
}

function fieldTable(rows) {
  return [el('h3', {}, 'Fields'), el('table', {class: 'fields'}, el('tbody', {}, rows.map(([name, value]) =>
    el('tr', {}, el('th', {scope: 'row'}, foreign(name)), el('td', {}, valueNode(value))))))];
}

function confidenceMeter(confidence) {
  if (typeof confidence !== 'number') return null;
  const fill = el('i');
  fill.style.width = `${Math.min(100, Math.max(0, confidence * 100))}%`;
  return el('span', {class: 'confidence'}, el('span', {class: 'meter', 'aria-hidden': 'true'}, fill),
      `${percent(confidence)} confident`);
}

/** A field's value comes from a model: a scalar, a list of scalars, or anything. */
function valueNode(value) {
  const none = value === null || value === undefined || value === '' || (Array.isArray(value) && !value.length);
  if (none) return el('span', {class: 'muted'}, 'none');
  if (typeof value !== 'object') return foreign(String(value));
  if (Array.isArray(value) && value.every(v => v === null || typeof v !== 'object')) return foreign(value.join(', '));
  return el('code', {}, JSON.stringify(value));
}

function documentLine(doc) {
  const facts = [doc.mediaType, typeof doc.characters === 'number' ? `${count(doc.characters)} characters` : null];
  return el('p', {class: 'document muted'}, foreign(doc.title || doc.name || 'document'),
      ...facts.filter(Boolean).flatMap(fact => [' · ', foreign(fact)]),
      doc.truncated ? el('strong', {class: 'cut'}, ' · only the beginning was read') : null);
}
