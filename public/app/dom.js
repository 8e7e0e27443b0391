// The whole view layer. Elements are built, never parsed from strings,
// so nothing a cluster holds can turn into markup.

const svgSpace = 'http://www.w3.org/2000/svg';
const asProperty = new Set(['value', 'checked', 'disabled', 'hidden', 'selected', 'open', 'spellcheck',
  'indeterminate']);

/**
 * Builds an element: h('a.button.quiet', { href, onclick }, 'text', node, [more], null).
 * Functions named on… become listeners; null, undefined and false attributes are left out.
 */
export function h(tag, props, ...children) {
  const [name, ...classes] = tag.split('.');
  const element = document.createElement(name || 'div');
  if (classes.length) element.className = classes.join(' ');
  setProps(element, props);
  append(element, children);
  return element;
}

function setProps(element, props) {
  for (const [key, value] of Object.entries(props ?? {})) {
    if (value === null || value === undefined || (value === false && !asProperty.has(key))) continue;
    if (key.startsWith('on')) element.addEventListener(key.slice(2), value);
    else if (key === 'class') element.className += ` ${value}`;
    else if (key === 'data') Object.assign(element.dataset, value);
    else if (asProperty.has(key)) element[key] = value;
    else element.setAttribute(key, value === true ? '' : value);
  }
}

function append(element, children) {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    if (Array.isArray(child)) append(element, child);
    else element.append(child instanceof Node ? child : String(child));
  }
}

/** Replaces what an element holds. */
export function fill(element, ...children) {
  element.replaceChildren();
  append(element, children);
  return element;
}

const shapes = {
  menu: 'M3 6h18M3 12h18M3 18h18',
  home: 'M4 11l8-7 8 7v9h-5v-6H9v6H4z',
  list: 'M8 6h12M8 12h12M8 18h12M4 6h.01M4 12h.01M4 18h.01',
  plus: 'M12 5v14M5 12h14',
  undo: 'M4 9h11a5 5 0 0 1 0 10h-4M8 5L4 9l4 4',
  clock: 'M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM12 8v4l3 2',
  drain: 'M6 4v9M10 4v9M14 4v9M18 4v9M4 16h16M12 16v5',
  search: 'M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM16 16l5 5',
  moon: 'M20 14.5A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.5z',
  sun: 'M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.5 1.5M17.5 17.5L19 19M5 19l1.5-1.5'
    + 'M17.5 6.5L19 5',
  copy: 'M9 9h11v11H9zM5 15H4V4h11v1',
  right: 'M9 5l7 7-7 7',
  up: 'M6 15l6-6 6 6',
  down: 'M6 9l6 6 6-6',
  trash: 'M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5',
  scale: 'M4 20V10M10 20V4M16 20v-7M22 20H2',
  restart: 'M20 12a8 8 0 1 1-2.4-5.7M20 3v4h-4',
  pause: 'M8 5v14M16 5v14',
  play: 'M7 4l12 8-12 8z',
  key: 'M8 11a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM11 12l9-9M16 7l3 3',
  book: 'M4 5c3-1 6-1 8 1 2-2 5-2 8-1v14c-3-1-6-1-8 1-2-2-5-2-8-1zM12 6v14',
};

/** One of the line icons, 24 units square, decorative. */
export function icon(name) {
  const svg = document.createElementNS(svgSpace, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(svgSpace, 'path');
  path.setAttribute('d', shapes[name]);
  svg.append(path);
  return svg;
}

/** Calls `action` once things have been quiet for `milliseconds`. */
export function debounce(action, milliseconds) {
  let timer;
  const later = (...args) => {
    clearTimeout(timer);
    timer = setTimeout(() => action(...args), milliseconds);
  };
  later.cancel = () => clearTimeout(timer);
  return later;
}

/** Calls `action` at most once in `milliseconds`, however often it is asked to. */
export function throttle(action, milliseconds) {
  let timer = null;
  const later = () => {
    timer ??= setTimeout(() => {
      timer = null;
      action();
    }, milliseconds);
  };
  later.cancel = () => clearTimeout(timer);
  return later;
}

/** Draws a container anew and gives the focus back to the link or button that says the same as the one that had it. */
export function redraw(container, draw) {
  const active = document.activeElement;
  const had = container.contains(active) && active !== container;
  const mark = (element) => element.getAttribute('href') ?? element.getAttribute('aria-label') ?? element.textContent;
  const wanted = had && mark(active);
  draw();
  if (!had || active.isConnected) return;
  const same = [...container.querySelectorAll('a, button')].find((element) => mark(element) === wanted);
  same?.focus({ preventScroll: true });
}
