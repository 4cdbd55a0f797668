// Figures and times as people read them.

const LOCALE = 'en-GB';
const clock = new Intl.DateTimeFormat(LOCALE, {hour: '2-digit', minute: '2-digit', second: '2-digit'});
const dayClock = new Intl.DateTimeFormat(LOCALE, {day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit'});
const dateClock = new Intl.DateTimeFormat(LOCALE, {day: 'numeric', month: 'short', year: 'numeric',
  hour: '2-digit', minute: '2-digit'});
const full = new Intl.DateTimeFormat(LOCALE, {dateStyle: 'full', timeStyle: 'long'});
const whole = new Intl.NumberFormat(LOCALE);
const compact = new Intl.NumberFormat(LOCALE, {notation: 'compact', maximumSignificantDigits: 3});

export const NONE = '–';

/** Milliseconds since the epoch, or null for null and for what is no time. */
export function millis(iso) {
  const at = iso ? Date.parse(iso) : NaN;
  return Number.isNaN(at) ? null : at;
}

export function when(iso, now = Date.now()) {
  const at = millis(iso);
  if (at === null) return NONE;
  const date = new Date(at);
  const today = new Date(now);
  if (date.toDateString() === today.toDateString()) return clock.format(date);
  return (date.getFullYear() === today.getFullYear() ? dayClock : dateClock).format(date);
}

export function whenFull(iso) {
  const at = millis(iso);
  return at === null ? null : full.format(at);
}

/** 840 ms · 12.4 s · 3 m 04 s · 2 h 05 m. Below zero (two clocks disagree) counts as zero. */
export function duration(ms) {
  if (ms === null) return NONE;
  const t = Math.max(0, ms);
  if (t < 1000) return `${Math.round(t)} ms`;
  if (t < 59_950) return `${(t / 1000).toFixed(1)} s`;
  const s = Math.round(t / 1000);
  const two = n => String(n).padStart(2, '0');
  if (s < 3600) return `${Math.floor(s / 60)} m ${two(s % 60)} s`;
  return `${whole.format(Math.floor(s / 3600))} h ${two(Math.floor(s % 3600 / 60))} m`;
}

/** While it runs the last digit would only flicker, so it counts in whole seconds. */
export function elapsed(from, to, now) {
  const start = millis(from);
  if (start === null) return NONE;
  const end = millis(to);
  if (end !== null) return duration(end - start);
  const seconds = Math.floor(Math.max(0, now - start) / 1000);
  return seconds < 60 ? `${seconds} s` : duration(seconds * 1000);
}

export function count(n) {
  return typeof n === 'number' ? whole.format(n) : NONE;
}

export function shortCount(n) {
  return typeof n !== 'number' ? NONE : n < 10_000 ? whole.format(n) : compact.format(n);
}

export function tokens(usage) {
  return usage ? (usage.inputTokens ?? 0) + (usage.outputTokens ?? 0) : null;
}

/** Millionths of a dollar. Small sums keep four digits, because a document costs fractions of a cent. */
export function cost(micros) {
  if (typeof micros !== 'number') return NONE;
  if (micros === 0) return '$0';
  const sum = micros / 1e6;
  if (sum < 0.0001) return '< $0.0001';
  return `$${sum.toFixed(sum < 1 ? 4 : 2)}`;
}

/** What was paid for certain, and, where `uncertain` more may have been, how much at most. */
export function costBetween(micros, uncertain) {
  return uncertain ? `${cost(micros)}–${cost(micros + uncertain)}` : cost(micros);
}

export function percent(share) {
  return typeof share === 'number' ? `${Math.round(share * 100)} %` : NONE;
}

export function bytes(n) {
  if (n < 1024) return `${n} B`;
  return n < 1024 * 1024 ? `${(n / 1024).toFixed(0)} KiB` : `${(n / 1024 / 1024).toFixed(1)} MiB`;
}
