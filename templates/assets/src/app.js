// Everything on the pages works without this. It copies, filters while one
// types, keeps the place, and shows how far an upload is.
import "./copy.js";
import "./filter.js";
import "./keys.js";
import "./menu.js";
import "./place.js";
import "./theme.js";
import "./upload.js";
