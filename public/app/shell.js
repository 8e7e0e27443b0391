// The frame around the pages: side bar, top bar, namespace picker, connection light, theme.

import { get } from './api.js';
import { clockControl } from './clock.js';
import { fill, h, icon } from './dom.js';
import { namespacePicker } from './namespaces.js';
import { openPalette } from './palette.js';
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
    h('button.jump', { type: 'button', 'aria-label': 'Search', 'aria-keyshortcuts': '/ Control+K',
      onclick: openPalette },
      icon('search'), h('span', null, 'Search all objects and kinds'), h('kbd', null, '/')),
    clockControl(),
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
