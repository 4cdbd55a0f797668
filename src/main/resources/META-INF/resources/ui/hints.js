// Labels and summaries for the list: a RunSummary has no output, so they come from the results of its workflow.
import * as api from './api.js';

/** One page of results per workflow, at most this often; a run that it does not name is not asked for again. */
const ASK_EVERY_MS = 2500;
const HINTS_MAX = 2000;

export function hintStore(onChange) {
  const hints = new Map();
  const asked = new Set();
  let timer = 0;
  let wanted = new Set();

  function take(result) {
    const output = result.output ?? {};
    const text = output.summary ?? output.reason ?? null;
    const label = typeof output.label === 'string' ? output.label : null;
    if (label || text) hints.set(result.run, {label, text: typeof text === 'string' ? text : null});
  }

  async function load() {
    timer = 0;
    const workflows = wanted;
    wanted = new Set();
    for (const workflow of workflows) {
      const page = await api.results(workflow).catch(() => null); // a hint is a nicety: the list works without
      page?.results?.forEach(take);
    }
    if (hints.size > HINTS_MAX) [...hints.keys()].slice(0, hints.size - HINTS_MAX).forEach(id => hints.delete(id));
    onChange();
  }

  /** Asks, soon, for what is not known yet about the runs that succeeded. */
  function want(runs) {
    if (asked.size > 4 * HINTS_MAX) asked.clear();
    for (const run of runs) {
      if (run.status !== 'succeeded' || hints.has(run.id) || asked.has(run.id)) continue;
      asked.add(run.id);
      wanted.add(run.workflow);
    }
    if (wanted.size && !timer) timer = setTimeout(load, hints.size ? ASK_EVERY_MS : 0);
  }

  return {want, of: run => hints.get(run.id) ?? null, stop: () => clearTimeout(timer)};
}
