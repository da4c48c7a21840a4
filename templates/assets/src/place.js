// A form that leads back to the page it stands on keeps the place there.
const key = "place:" + location.pathname;

document.addEventListener("submit", ({ target }) => {
  if (target.method === "post") sessionStorage.setItem(key, scrollY);
});

const place = sessionStorage.getItem(key);
sessionStorage.removeItem(key);
if (place && !location.hash && !document.querySelector(".flash")) scrollTo(0, place);
