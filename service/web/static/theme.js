"use strict";
// The map draws for a light or a dark ground and is told which by this attribute; without a choice the system decides.
(function () {
  const root = document.documentElement;
  if (root.dataset.bsTheme) return;
  root.dataset.bsTheme = window.matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
})();
