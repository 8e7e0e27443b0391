// The only place that talks HTTP: the token, requests, and errors as the server's Status describes them.

const tokenKey = 'swiftlet.token';
export const tableAccept = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';

/** Moves a token given as `#token=…` into the session and out of the address bar; says whether there was one. */
export function takeTokenFromAddress() {
  const match = /^#\/?token=([^&]+)/.exec(location.hash);
  if (!match) return false;
  setToken(decodeURIComponent(match[1]));
  history.replaceState(null, '', `${location.pathname}${location.search}#/`);
  return true;
}

export function setToken(token) {
  if (token) sessionStorage.setItem(tokenKey, token.trim());
  else sessionStorage.removeItem(tokenKey);
}

export const hasToken = () => sessionStorage.getItem(tokenKey) !== null;

/** A failed request. `causes` are the fields the server names, each { field, message, reason }. */
export class ApiError extends Error {
  constructor(code, status, fallback) {
    super(status?.message || fallback);
    this.code = code;
    this.reason = status?.reason ?? '';
    this.causes = status?.details?.causes ?? [];
    this.denied = code === 401 || code === 403;
  }
}

/** Appends query parameters; empty ones are left out. */
function withQuery(path, query) {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query ?? {})) {
    if (value !== undefined && value !== null && value !== '') search.set(key, value);
  }
  const text = search.toString();
  return text ? `${path}?${text}` : path;
}

/** Sends a request and returns the Response, or throws ApiError (AbortError when aborted). */
export async function send(path, options = {}) {
  const { method = 'GET', accept = 'application/json', query, body, type, signal, cache } = options;
  const headers = { Accept: accept };
  const token = sessionStorage.getItem(tokenKey);
  if (token) headers.Authorization = `Bearer ${token}`;
  if (body !== undefined) headers['Content-Type'] = type ?? 'application/json';
  let response;
  try {
    // Browsers get indented JSON unless they decline it.
    const url = withQuery(path, { ...query, pretty: '0' });
    const init = { method, headers, signal, cache: cache ?? 'no-store' };
    response = await fetch(url, { ...init, body: body && JSON.stringify(body) });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError(0, null, 'The server does not answer. Is it still running?');
  }
  if (!response.ok) throw await failure(response);
  return response;
}

async function failure(response) {
  const text = await response.text().catch(() => '');
  let status = null;
  try {
    status = JSON.parse(text);
  } catch {
    // Not every error is a Status: proxies and unknown paths answer plain text.
  }
  return new ApiError(response.status, status, text.trim() || `${response.status} ${response.statusText}`);
}

export async function get(path, options) {
  return (await send(path, options)).json();
}

export async function put(path, body, query) {
  return (await send(path, { method: 'PUT', body, query })).json();
}

export async function post(path, body, query) {
  return (await send(path, { method: 'POST', body, query })).json();
}

/** Patches in one of the server's ways: 'merge-patch', 'strategic-merge-patch', 'json-patch', 'apply-patch'. */
export async function patch(path, body, way = 'merge-patch', query = undefined) {
  const type = way === 'apply-patch' ? 'application/apply-patch+yaml' : `application/${way}+json`;
  return (await send(path, { method: 'PATCH', body, type, query })).json();
}

/** Deletes this very object; what it owns follows, or stays when `orphan` is set. */
export async function remove(path, uid, orphan = false) {
  const propagationPolicy = orphan ? 'Orphan' : 'Background';
  const body = { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy, preconditions: { uid } };
  return (await send(path, { method: 'DELETE', body })).json();
}

const firstPage = 300;
const nextPages = 2000;

/**
 * Every page of a list, as one list (a Table has rows, the others items). The first page is small, to be shown soon:
 * `onPart(list)` gets what is there so far while more is to come.
 */
export async function list(path, { query, accept, signal, onPart } = {}) {
  let whole = null;
  let token;
  do {
    const limit = onPart && !whole ? firstPage : nextPages;
    const page = await get(path, { accept, signal, query: { limit, ...query, continue: token } });
    token = page.metadata?.continue;
    if (!whole) whole = page;
    else for (const key of ['rows', 'items']) if (page[key]) whole[key] = (whole[key] ?? []).concat(page[key]);
    if (token && !signal?.aborted) onPart?.(whole);
  } while (token);
  return whole;
}
