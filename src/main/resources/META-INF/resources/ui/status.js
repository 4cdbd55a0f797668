// The seven states of a run. Each has a word and a shape of its own, so that colour is never the only sign.
import {el, svg} from './dom.js';

export const STATUSES = ['queued', 'running', 'waiting', 'paused', 'succeeded', 'failed', 'cancelled'];
export const ENDED = new Set(['succeeded', 'failed', 'cancelled']);

const RING = 'M8 1.75a6.25 6.25 0 1 0 0 12.5 6.25 6.25 0 0 0 0-12.5z';
const SHAPES = {
  queued: [['ring dashed', RING]],
  running: [['ring faint', RING], ['ring spin', 'M8 1.75a6.25 6.25 0 0 1 6.25 6.25']],
  waiting: [['ring', RING], ['mark', 'M8 4.6V8l2.4 1.6']],
  paused: [['ring', RING], ['mark', 'M6.3 5.4v5.2M9.7 5.4v5.2']],
  succeeded: [['disc', RING], ['cut', 'M5 8.3l2.1 2.1L11 6']],
  failed: [['disc', RING], ['cut', 'M5.7 5.7l4.6 4.6M10.3 5.7l-4.6 4.6']],
  cancelled: [['ring', RING], ['mark', 'M3.8 12.2l8.4-8.4']],
};

export function statusIcon(status) {
  const shapes = SHAPES[status] ?? [['ring', RING]];
  return svg('svg', {class: 'icon', viewBox: '0 0 16 16', width: 16, height: 16, 'aria-hidden': 'true'},
      ...shapes.map(([kind, d]) => svg('path', {class: kind, d})));
}

/** Icon and word. An unknown status (a newer server) is shown as it is, in the neutral colour. */
export function statusBadge(status) {
  return el('span', {class: 'status', 'data-status': status}, statusIcon(status), el('span', {}, status));
}

/** Shows another status in a badge that is already on the page. */
export function updateBadge(badge, status) {
  if (badge.dataset.status === status) return;
  badge.dataset.status = status;
  badge.replaceChildren(statusIcon(status), el('span', {}, status));
}
