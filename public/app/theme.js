// Loaded before the first paint, so that a chosen theme never flashes in the other one.
// A classic script on purpose: modules run after parsing.
(() => {
  const root = document.documentElement;
  const system = matchMedia('(prefers-color-scheme: dark)');
  const stored = () => localStorage.getItem('swiftlet.theme');
  const current = () => stored() ?? (system.matches ? 'dark' : 'light');
  const show = () => {
    root.dataset.theme = current();
    root.dispatchEvent(new Event('themechange'));
  };
  globalThis.swiftletTheme = {
    current,
    toggle() {
      localStorage.setItem('swiftlet.theme', current() === 'dark' ? 'light' : 'dark');
      show();
    },
  };
  system.addEventListener('change', show);
  show();
})();
