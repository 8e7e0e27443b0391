// The cluster's clock in the top bar: what time it is there, how fast it runs, and the ways to let time pass.

import { get, post } from './api.js';
import { fill, h, icon } from './dom.js';
import { duration } from './format.js';
import { problem, sameAs } from './parts.js';
import { now, setTime } from './time.js';

const path = '/swiftlet/v1/clock';
const pollMilliseconds = 5000;
const steps = [['1 minute', '1m'], ['10 minutes', '10m'], ['1 hour', '1h'], ['1 day', '1d']];
const speeds = [['stands still', 0], ['as on the wall', 1], ['a minute in a second', 60], ['an hour in a second', 3600],
  ['a day in a second', 86_400]];
/** Behind or ahead by less than this is no difference worth telling. */
const nearSeconds = 2;

/** The control; it hides where the server has no such clock, or does not show it to everyone. */
export function clockControl() {
  const label = h('span.clock-time');
  const panel = h('div.clock-panel', { popover: 'auto', id: 'clock-panel', role: 'dialog', 'aria-label': 'Clock' });
  const button = h('button.clock', { type: 'button', 'aria-label': 'Clock of the cluster', popovertarget: 'clock-panel',
    hidden: true }, icon('clock'), label);
  const state = { speed: 1, aheadSeconds: 0, isAdvancing: false };
  const trouble = h('div');

  const take = (clock) => {
    Object.assign(state, clock);
    setTime(Date.parse(clock.time), clock.isAdvancing ? 0 : clock.speed);
    button.hidden = false;
    tick();
  };
  const look = () => get(path).then(take).catch(() => (button.hidden = true));
  const change = async (body) => {
    fill(trouble);
    button.classList.add('busy');
    try {
      take(await post(path, body));
    } catch (error) {
      fill(trouble, problem(error));
    }
    button.classList.remove('busy');
    if (panel.matches(':popover-open')) drawPanel();
  };

  const tick = () => {
    label.textContent = [clockTime(now()), lead(state)].filter(Boolean).join(' ');
    button.title = `The cluster's time: ${new Date(now()).toISOString()}`;
  };
  const drawPanel = () => fill(panel, panelContent(state, change), trouble);
  panel.addEventListener('beforetoggle', ({ newState }) => newState === 'open' && drawPanel());
  setInterval(() => !document.hidden && !button.hidden && tick(), 1000);
  setInterval(() => !document.hidden && !button.hidden && look(), pollMilliseconds);
  look();
  return h('div.clock-place', null, button, panel);
}

const clockTime = (milliseconds) => new Date(milliseconds).toISOString().slice(11, 19);

/** How the clock differs from the one on the wall: "+2h ×60". */
function lead({ aheadSeconds, speed }) {
  const ahead = Math.abs(aheadSeconds) < nearSeconds ? ''
    : `${aheadSeconds < 0 ? '−' : '+'}${duration(Math.abs(aheadSeconds))}`;
  return [ahead, speed === 1 ? '' : `×${speed}`].filter(Boolean).join(' ');
}

function panelContent(state, change) {
  const speed = h('select', { 'aria-label': 'Speed', onchange: () => change({ speed: Number(speed.value) }) },
    speeds.map(([words, value]) => h('option', { value }, words)));
  if (!speeds.some(([, value]) => value === state.speed)) {
    speed.append(h('option', { value: state.speed }, `${state.speed} times as fast`));
  }
  speed.value = String(state.speed);
  return [
    h('h2', null, "The cluster's clock"),
    h('p.note', null, `${new Date(now()).toISOString().slice(0, 19).replace('T', ' ')} UTC`,
      lead(state) && `, ${lead(state)}`),
    h('p', null, 'Let time pass: what is due by then happens first.'),
    h('div.clock-steps', null, steps.map(([words, advance]) =>
      h('button', { type: 'button', onclick: () => change({ advance }) }, words))),
    sameAs('swiftlet clock advance 1h'),
    h('label.field', null, 'It runs', speed),
  ];
}
