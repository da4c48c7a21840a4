package web

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"time"

	"ingot.dev/routers/middleware"
	"ingot.dev/templates"
)

// Cookies of ours beside the session's. They hold nothing that has to be
// secret or believed.
const (
	languageCookie = "ingot_language"
	themeCookie    = "ingot_theme"
	flashCookie    = "ingot_flash"
)

func cookie(r *http.Request, name string) string {
	c, err := r.Cookie(name)
	if err != nil {
		return ""
	}
	return c.Value
}

// theme gives the reader's choice, empty for the system's.
func theme(r *http.Request) string {
	if t := cookie(r, themeCookie); t == "light" || t == "dark" {
		return t
	}
	return ""
}

func (c *call) setCookie(name, value string, age time.Duration) {
	k := &http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: int(age.Seconds()),
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: middleware.Secure(c.r),
	}
	if value == "" {
		k.MaxAge = -1
	}
	http.SetCookie(c.w, k)
}

// flash has the next page say text. Kind is that of templates.Flash.
func (c *call) flash(kind, text string) {
	raw, err := json.Marshal(templates.Flash{Kind: kind, Text: text})
	if err == nil && len(raw) < 2000 {
		c.setCookie(flashCookie, base64.RawURLEncoding.EncodeToString(raw), time.Minute)
	}
}

// flashes takes what the page before left to be said.
func (c *call) flashes() []templates.Flash {
	if c.r.Header.Get("Sec-Fetch-Dest") == "empty" {
		return nil // a script follows a redirect; the reader has yet to see the page
	}
	raw, err := base64.RawURLEncoding.DecodeString(cookie(c.r, flashCookie))
	if err != nil || len(raw) == 0 {
		return nil
	}
	c.setCookie(flashCookie, "", 0)
	var f templates.Flash
	if json.Unmarshal(raw, &f) != nil {
		return nil
	}
	return []templates.Flash{f}
}
