// A form with a <progress> shows how far its upload is. Where it ends is where
// the form would have led without script.
document.addEventListener("submit", (event) => {
  const form = event.target;
  const bar = form.querySelector("progress");
  if (!bar) return;
  event.preventDefault();

  const request = new XMLHttpRequest();
  const busy = (is) => {
    form.setAttribute("aria-busy", is);
    bar.hidden = !is;
    for (const button of form.querySelectorAll("button")) button.disabled = is;
  };
  request.upload.onprogress = ({ loaded, total }) => {
    bar.max = total;
    bar.value = loaded;
  };
  // The bytes are there; the server is still looking at them.
  request.upload.onload = () => bar.removeAttribute("value");
  request.onerror = () => {
    busy(false);
    form.submit();
  };
  request.onload = () => {
    if (request.responseURL !== form.action) {
      location.assign(request.responseURL);
      return;
    }
    // The form again with what is wrong, or the page of a proxy on the way.
    const page = new DOMParser().parseFromString(request.responseText, "text/html");
    document.querySelector("main").replaceWith(page.querySelector("main") ?? page.body);
    scrollTo(0, 0);
  };
  const data = new FormData(form, event.submitter);
  busy(true);
  request.open("POST", form.action);
  request.send(data);
});
