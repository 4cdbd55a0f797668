// The HTTP API as this page uses it.
// A failure is either Unreachable (nobody answered) or Refused (a problem, RFC 9457).

export class Unreachable extends Error {}

export class Refused extends Error {
  constructor(problem) {
    super(problem.detail || problem.title || `HTTP ${problem.status}`);
    this.problem = problem;
  }
}

/** Told true or false after every request; app.js shows the banner. */
let onReachable = () => {};

export function watchReachable(listener) {
  onReachable = listener;
}

async function request(path, options = {}) {
  let response;
  try {
    response = await fetch(path, options);
  } catch (e) {
    if (e.name === 'AbortError') throw e;
    if (!options.body) onReachable(false); // a body may also fail because a dropped folder cannot be read
    throw new Unreachable(`${options.method ?? 'GET'} ${path} got no answer`);
  }
  // A gateway in front answers for a server that is gone.
  onReachable(![502, 504].includes(response.status));
  if (!response.ok) throw new Refused(await problemOf(response));
  return response;
}

async function problemOf(response) {
  const title = `HTTP ${response.status} ${response.statusText}`.trim();
  const fallback = {status: response.status, code: null, title, detail: null};
  if (!/json/.test(response.headers.get('content-type') ?? '')) return fallback;
  const body = await response.json().catch(() => null);
  return body && typeof body === 'object' ? {...fallback, ...body} : fallback;
}

async function getJson(path, signal) {
  const response = await request(path, {signal, headers: {accept: 'application/json'}});
  return response.json();
}

function query(params) {
  const given = Object.entries(params).filter(([, v]) => v !== '' && v !== null && v !== undefined);
  const search = new URLSearchParams(given);
  return search.size ? `?${search}` : '';
}

export const runs = (params, signal) => getJson(`/v1/runs${query(params)}`, signal);
export const run = (id, signal) => getJson(`/v1/runs/${encodeURIComponent(id)}`, signal);
export const workflows = signal => getJson('/v1/workflows', signal);
export const results = (workflow, signal) => getJson(`/v1/results${query({workflow})}`, signal);
export const resultsFile = workflow => `/v1/results.jsonl${query({workflow})}`;
export const uploadPath = workflow => `/v1/workflows/${encodeURIComponent(workflow)}/runs`;

export async function health() {
  await request('/q/health').catch(e => { if (!(e instanceof Refused)) throw e; });
}

export async function errorPage(code, signal) {
  const path = `/v1/errors/${encodeURIComponent(code)}`;
  const response = await request(path, {signal, headers: {accept: 'text/markdown'}});
  return response.text();
}

/** One request for these documents: {runs: [{id, location, name}], refused: [{name, problem}]}. */
export async function upload(workflow, files) {
  const form = new FormData();
  for (const file of files) form.append('file', file, file.name);
  const response = await request(uploadPath(workflow), {method: 'POST', body: form});
  return response.json();
}
