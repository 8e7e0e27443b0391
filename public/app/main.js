// Starts the dashboard and keeps the page in step with the address.

import { takeTokenFromAddress } from './api.js';
import { discover, kinds } from './discovery.js';
import { fill, h } from './dom.js';
import { onKey } from './keys.js';
import { buildNav, markCurrent } from './nav.js';
import { problem } from './parts.js';
import { currentRoute } from './router.js';
import { buildShell, closeSide } from './shell.js';

const kindsMilliseconds = 20_000;
const main = document.getElementById('main');

/** Each page module exports `open(route)`, which returns { title, element, stop?, update?(route) }. */
const pages = {
  '': () => import('./pages/overview.js'),
  list: () => import('./pages/list.js'),
  show: () => import('./pages/object.js'),
  new: () => import('./pages/new.js'),
  apply: () => import('./pages/apply.js'),
  kinds: () => import('./pages/kinds.js'),
  explain: () => import('./pages/explain.js'),
};

let page = null;
let opening = 0;
let discovered = false;

async function show() {
  if (takeTokenFromAddress()) return location.reload();
  if (!discovered) return undefined;
  const route = currentRoute();
  closeSide();
  markCurrent();
  if (page?.update?.(route)) return setTitle(page);
  const turn = (opening += 1);
  page?.stop?.();
  page = null;
  let next;
  try {
    const load = pages[route.path[0] ?? ''];
    if (!load) throw new Error('There is no such page here.');
    next = await (await load()).open(route);
  } catch (error) {
    next = { title: 'Trouble', element: problem(error, () => show()) };
  }
  // Somebody may have moved on while this page was loading.
  if (turn !== opening) return next.stop?.();
  page = next;
  fill(main, page.element);
  scrollTo(0, 0);
  // Whoever reads with their ears hears the new page; the first one needs no announcement.
  if (turn > 1) main.focus({ preventScroll: true });
  return setTitle(page);
}

function setTitle({ title }) {
  document.title = title ? `${title} · Swiftlet` : 'Swiftlet';
}

async function start() {
  takeTokenFromAddress();
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') closeSide();
    onKey(event, main);
  });
  addEventListener('hashchange', show);
  buildShell();
  try {
    await discover();
  } catch (error) {
    fill(main, h('div.page', null, problem(error, () => location.reload())));
    return;
  }
  buildNav();
  discovered = true;
  setInterval(() => !document.hidden && lookForKinds(), kindsMilliseconds);
  show();
}

/** Custom kinds come and go. */
async function lookForKinds() {
  const before = kinds;
  // Without an answer the kinds stay as they were; the watches tell what the matter is.
  await discover().catch(() => {});
  if (JSON.stringify(kinds) !== JSON.stringify(before)) buildNav();
}

start();
