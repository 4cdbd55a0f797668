// Runs before the first paint (a classic script in <head>), so that a chosen theme never flashes the other one.
(() => {
  const chosen = (() => {
    try { return localStorage.getItem('sluice.theme'); } catch { return null; }
  })();
  if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.theme = chosen;
})();
