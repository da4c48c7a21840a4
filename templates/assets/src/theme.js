// The theme changes at once; the server learns of it for the pages to come.
document.addEventListener("submit", (event) => {
  const form = event.target;
  const theme = event.submitter;
  if (theme?.name !== "theme") return;
  event.preventDefault();
  fetch(form.action, {
    method: "POST",
    body: new URLSearchParams(new FormData(form, theme)),
    redirect: "manual",
  });
  if (theme.value) document.documentElement.dataset.theme = theme.value;
  else delete document.documentElement.dataset.theme;
  for (const button of form.elements.theme) {
    button.setAttribute("aria-pressed", button === theme);
  }
});
