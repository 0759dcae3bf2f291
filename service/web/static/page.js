"use strict";
// Forms send once: a second press while the first is under way does nothing.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  const button = event.submitter;
  if (button) {
    button.setAttribute("aria-disabled", "true");
    if (button.dataset.busy) button.textContent = button.dataset.busy;
  }
});
// A page that comes back from the browser's memory may be sent again.
window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const form of document.forms) delete form.dataset.sent;
});
// A filter that is chosen applies at once; without a script there is the button.
for (const form of document.querySelectorAll("form.filters:not([method=post])")) {
  form.addEventListener("change", (event) => {
    if (event.target.matches("select, input[type=checkbox], input[type=date]")) form.requestSubmit();
  });
  for (const button of form.querySelectorAll("button[type=submit]")) button.hidden = true;
}
// What the map writes into the address is kept by the links and the form that ask for the same page anew.
document.addEventListener("gk:ask", (event) => {
  const { name, value } = event.detail;
  for (const field of document.querySelectorAll(`form.filters input[type=hidden][name=${name}]`)) field.value = value;
  for (const link of document.querySelectorAll("a[href]")) {
    if (link.origin !== location.origin || link.pathname !== location.pathname || link.hash) continue;
    const address = new URL(link.href);
    if (value) address.searchParams.set(name, value);
    else address.searchParams.delete(name);
    link.href = address;
  }
});
// One open menu at a time; Escape closes it.
const menus = document.querySelectorAll("details.user, .menu .more details");
document.addEventListener("click", (event) => {
  for (const menu of menus) if (menu.open && !menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of menus) {
    if (!menu.open) continue;
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});
const summary = document.querySelector("[data-focus]");
if (summary) summary.focus();
