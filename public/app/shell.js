// The frame around the pages: side bar, top bar, namespace picker, connection light, theme.

import { get, list } from './api.js';
import { findResource, kinds, title } from './discovery.js';
import { fill, h, icon } from './dom.js';
import { openPalette } from './palette.js';
import { sections } from './places.js';
import { currentRoute, href, listHref } from './router.js';
import { scope } from './scope.js';
import { onConnection } from './watch.js';

const words = { live: 'Live', loading: 'Loading', retrying: 'Reconnecting', idle: 'Idle' };
const shell = document.getElementById('shell');

export function buildShell() {
  const light = h('span.light', { role: 'status' });
  onConnection((state) => {
    light.dataset.state = state;
    fill(light, h('span.light-text', null, words[state]));
  });
  fill(document.getElementById('bar'),
    h('button.icon-button.menu', { type: 'button', 'aria-label': 'Resources', 'aria-controls': 'side',
      onclick: toggleSide },
      icon('menu')),
    namespacePicker(),
    h('button.jump', { type: 'button', 'aria-label': 'Go to…', 'aria-keyshortcuts': 'Control+K', onclick: openPalette },
      icon('search'), h('span', null, 'Go to…'), h('kbd', null, 'Ctrl K')),
    light,
    themeButton());
  document.getElementById('skip').addEventListener('click', (event) => {
    event.preventDefault();
    document.getElementById('main').focus();
  });
  document.getElementById('main').addEventListener('click', closeSide);
  showVersion();
}

function toggleSide() {
  shell.classList.toggle('open');
  if (shell.classList.contains('open')) document.querySelector('#side a')?.focus();
}

export const closeSide = () => shell.classList.remove('open');

/** Builds the side bar from what the server really serves. */
export function buildNav() {
  const entry = (kind) => h('li', null, h('a', { href: listHref(kind) }, title(kind)));
  const custom = kinds.filter(({ group, verbs }) => isCustom(group) && verbs.includes('list')).slice(0, 12);
  const known = sections.map(([name, resources]) =>
    [name, resources.map((resource) => findResource(...resource.split('/'))).filter(Boolean)]);
  fill(document.getElementById('nav'),
    h('ul', null,
      h('li', null, h('a', { href: '#/' }, 'Overview')),
      h('li', null, h('a', { href: href(['kinds']) }, 'All kinds')),
      h('li', null, h('a', { href: href(['explain']) }, 'Explain the API'))),
    [...known, ['Custom', custom]].filter(([, found]) => found.length).map(([name, found]) => [
      h('h2', { id: `nav-${name}` }, name),
      h('ul', { 'aria-labelledby': `nav-${name}` }, found.map(entry)),
    ]));
  markCurrent();
}

const isCustom = (group) => group.includes('.') && !group.endsWith('.k8s.io');

export function markCurrent() {
  const { path } = currentRoute();
  const within = { show: ['list', path[1], path[2]], new: ['list', path[1], path[2]], explain: ['explain'] };
  const here = href(within[path[0]] ?? path);
  for (const anchor of document.querySelectorAll('#nav a')) {
    if (anchor.getAttribute('href') === here) anchor.setAttribute('aria-current', 'page');
    else anchor.removeAttribute('aria-current');
  }
}

function namespacePicker() {
  const select = h('select', { id: 'namespace', 'aria-label': 'Namespace',
    onchange: () => (scope.namespace = select.value) });
  const show = (names) => {
    const all = [...new Set([...names, scope.namespace].filter(Boolean))].sort();
    fill(select, h('option', { value: '' }, 'All namespaces'), all.map((name) => h('option', { value: name }, name)));
    select.value = scope.namespace;
  };
  const reload = async () => {
    const found = await list('/api/v1/namespaces').catch(() => ({ items: [] }));
    show(found.items.map(({ metadata }) => metadata.name));
  };
  scope.onChange((name) => {
    if (![...select.options].some(({ value }) => value === name)) show([...select.options].map(({ value }) => value));
    select.value = name;
  });
  // Namespaces come and go; what is offered is fetched again each time the picker is about to open.
  select.addEventListener('pointerdown', reload);
  select.addEventListener('focus', reload);
  show([]);
  reload();
  return h('label.namespace', null, h('span', null, 'Namespace'), select);
}

function themeButton() {
  const button = h('button.icon-button',
    { type: 'button', id: 'theme', onclick: () => globalThis.swiftletTheme.toggle() });
  const show = () => {
    const dark = globalThis.swiftletTheme.current() === 'dark';
    button.setAttribute('aria-label', dark ? 'Use the light theme' : 'Use the dark theme');
    button.title = button.getAttribute('aria-label');
    fill(button, icon(dark ? 'sun' : 'moon'));
  };
  document.documentElement.addEventListener('themechange', show);
  show();
  return button;
}

async function showVersion() {
  const version = await get('/version').catch(() => null);
  if (version) document.getElementById('version').textContent = `API ${version.gitVersion}`;
}
