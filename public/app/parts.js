// The small parts every page is put together from.

import { hasToken, setToken } from './api.js';
import { fill, h, icon } from './dom.js';
import { age, tone } from './format.js';

/** A status word with its colour and its shape. */
export const badge = (text, kind = tone(text)) => h('span.badge', { data: { tone: kind } }, text);

export function toast(text, kind = 'ok') {
  const note = h('div.toast', { data: { tone: kind } }, text);
  document.getElementById('toasts').append(note);
  setTimeout(() => note.remove(), kind === 'bad' ? 9000 : 4500);
}

export async function copy(text, what = 'Copied') {
  try {
    await navigator.clipboard.writeText(text);
    toast(what);
  } catch {
    toast('The browser did not allow copying', 'bad');
  }
}

/** A command to try, with a button that copies it. */
export const command = (text) =>
  h('div.command', null,
    h('code', null, text),
    h('button.icon-button', { type: 'button', 'aria-label': `Copy: ${text}`, onclick: () => copy(text) },
      icon('copy')));

/** The command that does the same as a button. */
export const sameAs = (text) => h('div.same-as', null, h('span.note', null, 'The same in a terminal'), command(text));

/** What to show instead of an empty list: what is missing, and how to get it. */
export const empty = (headline, text, ...commands) =>
  h('div.empty', null, h('p.empty-head', null, headline), text && h('p', null, text), commands.map(command));

export const card = (heading, ...children) =>
  h('section.card', null, heading && h('h2', null, heading), ...children);

/** A definition list of [label, value] pairs; empty values are left out. */
export const facts = (pairs) =>
  h('dl.facts', null, pairs.filter(([, value]) => ![undefined, null, '', false].includes(value))
    .map(([label, value]) => h('div', null, h('dt', null, label), h('dd', null, value))));

/** A stacked bar of [tone, count, label]; its text says the same to those who do not see it. */
export function stack(parts) {
  const total = parts.reduce((sum, [, count]) => sum + count, 0);
  const label = parts.filter(([, count]) => count).map(([, count, name]) => `${count} ${name}`).join(', ') || 'none';
  return h('div.stack', { role: 'img', 'aria-label': label, title: label },
    parts.filter(([, count]) => count).map(([kind, count]) => {
      const part = h('span', { data: { tone: kind } });
      part.style.flexGrow = count / total;
      return part;
    }));
}

/** A bar of how much of something is taken, with its numbers beside it. */
export function gauge(share, text, label) {
  const bar = h('span', { data: { tone: share > 90 ? 'bad' : share > 75 ? 'busy' : 'ok' } });
  bar.style.width = `${Math.min(share, 100)}%`;
  bar.hidden = share === 0;
  return h('div.gauge', null,
    h('div.track', { role: 'meter', 'aria-valuenow': share, 'aria-valuemin': 0, 'aria-valuemax': 100,
      'aria-label': label }, bar),
    h('span.gauge-text', null, text));
}

/** An error as the server words it, field by field. */
export function problem(error, retry) {
  if (error.denied && !hasToken()) return signIn();
  return h('div.problem', { role: 'alert' },
    h('p.problem-head', null, headline(error)),
    h('p', null, summary(error)),
    error.causes?.length > 0 && h('ul.causes', null, error.causes.map(({ field, message }) =>
      h('li', null, field && h('code', null, field), field && ' ', message))),
    error.code === 401 && tokenForm(),
    error.code === 403 && forgetButton(),
    retry && h('button', { type: 'button', onclick: retry }, 'Try again'));
}

/** What a live page says of trouble: a lost connection mends itself, everything else is a problem. */
export function trouble(error, retry) {
  if (error.code !== 0) return problem(error, retry);
  return h('p.banner', { role: 'status' },
    'The server does not answer. What you see is how it was; this page goes on as soon as it is back.');
}

/** The message, without what the causes below it say again. */
const summary = ({ message, causes = [] }) =>
  (causes.length > 0 ? message.replace(/ is invalid: .*/s, ' is invalid:') : message);

/** Without a token everyone is anonymous, which is no mistake. */
const signIn = () => h('section.card.sign-in', { role: 'alert' }, h('h2', null, 'Sign in to see this cluster'),
  h('p', null, 'Open the address that "swiftlet up" prints, which holds the token, or paste a token:'), tokenForm());

function headline({ code, reason, denied }) {
  if (code === 401) return 'The server does not accept this token';
  if (denied) return 'You may not see or do this';
  if (code === 0) return 'No connection';
  return reason ? reason.replace(/([a-z])([A-Z])/g, '$1 $2') : 'That did not work';
}

/** A box to paste a token into; the page starts again with it. */
function tokenForm() {
  const input = h('input', { type: 'password', autocomplete: 'off', 'aria-label': 'Token',
    placeholder: 'Paste a bearer token' });
  const use = (event) => {
    event.preventDefault();
    setToken(input.value);
    location.reload();
  };
  return h('form.token', { onsubmit: use },
    h('div.token-row', null, input, h('button.primary', { type: 'submit' }, 'Use this token')),
    command('swiftlet token'),
    hasToken() && forgetButton());
}

const forgetButton = () => h('button.quiet', { type: 'button', onclick: () => (setToken(null), location.reload()) },
  'Use another token');

/** A pressed-or-not button. */
export function toggle(label, pressed, onChange) {
  const button = h('button.toggle', { type: 'button', 'aria-pressed': String(pressed) }, label);
  button.addEventListener('click', () => {
    const now = button.getAttribute('aria-pressed') !== 'true';
    button.setAttribute('aria-pressed', String(now));
    onChange(now);
  });
  return button;
}

/**
 * Asks in a dialog and does it there: `act(form)` runs when confirmed, and what it throws is shown in place.
 * `body` is shown above the buttons; { danger } colours the button.
 */
export function ask(heading, body, verb, act, { danger = false } = {}) {
  const trouble = h('div');
  const go = h(danger ? 'button.danger' : 'button.primary', { type: 'submit' }, verb);
  const dialog = h('dialog', { 'aria-label': heading, onclose: () => dialog.remove() });
  const submit = async (event) => {
    event.preventDefault();
    go.disabled = true;
    try {
      await act(event.target);
      dialog.close();
    } catch (error) {
      fill(trouble, problem(error));
      go.disabled = false;
    }
  };
  dialog.append(h('form', { onsubmit: submit }, h('h2', null, heading), body, trouble,
    h('div.dialog-buttons', null,
      h('button', { type: 'button', onclick: () => dialog.close() }, 'Cancel'), go)));
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/** "5m ago", which goes on ticking as long as it is shown. */
export const ago = (time) => h('time', { datetime: time, title: time }, `${age(time)} ago`);

setInterval(() => {
  if (document.hidden) return;
  for (const element of document.querySelectorAll('main time')) {
    const text = `${age(element.dateTime)} ago`;
    if (element.textContent !== text) element.textContent = text;
  }
}, 1000);
