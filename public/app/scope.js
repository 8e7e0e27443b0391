// The namespace all lists look at; '' means all of them.

const key = 'swiftlet.namespace';
const listeners = new Set();

export const scope = {
  get namespace() {
    return localStorage.getItem(key) ?? '';
  },
  set namespace(name) {
    if (name === this.namespace) return;
    localStorage.setItem(key, name);
    for (const listener of listeners) listener(name);
  },
  onChange(listener) {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};
