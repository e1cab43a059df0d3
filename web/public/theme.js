// Runs before the first paint, as a file because the content security policy allows no inline script.
(function () {
  try {
    var theme = localStorage.getItem('datelier.theme');
    if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
    var density = localStorage.getItem('datelier.density');
    if (density === 'compact') document.documentElement.dataset.density = density;
    var locale = localStorage.getItem('datelier.locale');
    if (locale) document.documentElement.lang = locale;
  } catch (_) {
    // Storage can be blocked; the system theme applies then.
  }
})();
