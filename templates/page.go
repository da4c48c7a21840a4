package templates

import "ingot.dev/modules/format"

// Page is what the frame around every page shows. The struct of a page embeds
// it.
type Page struct {
	Title   string   // of the document; the service's name is added
	Site    string   // the service's name, "Ingot"
	Release string   // of the server, shown at the bottom
	Theme   string   // "light", "dark", or "" for the system's
	Here    string   // path and query of this page, where the display settings return to
	Nav     string   // active entry of the bar: "explore", "companies", "packages" or none
	Query   string   // shown in the bar's search
	Account *Account // who is signed in, nil for nobody
	Place   *Place   // where one is, nil where that is nowhere in particular
	Flashes []Flash
	Guest   bool // in another forge, which has accounts and companies of its own
}

// Account is who is signed in.
type Account struct {
	Name  string // alias
	Title string // full name, may be empty
	Admin bool   // of the whole service
}

// Place says where one is: "owner / project", a word, tabs.
type Place struct {
	Crumbs []Crumb
	Word   string // "Public", "Private", "Company", in the reader's language
	Tabs   []Tab
}

// Crumb is one step on the way. Without URL it is no link.
type Crumb struct{ Text, URL string }

// Tab is one page of a place.
type Tab struct {
	Text   string
	URL    string
	Count  int64 // shown unless 0
	Active bool
}

// Flash is a message about what was just done.
type Flash struct {
	Kind string // "good", "warn", "bad" or "" for plain
	Text string
}

// Pager is what stands below a list.
type Pager struct {
	From, To, Total int64  // first and last shown, from 1; 0, 0, 0 for none
	Prev, Next      string // addresses, empty at the ends
	ByTime          bool   // newest first: the words are newer and older
}

// Menu is a choice among links that folds into a button.
type Menu struct {
	Label string // what it is about, for those who do not see it
	Items []Choice
}

// Choice is one item of a menu. The active one is what the button says.
type Choice struct {
	Text, URL string
	Active    bool
}

// Switch is a box that shows one of several tasks, each with its steps.
type Switch struct {
	Name  string // unique on the page, an HTML name
	Label string // what the choice is about, for those who do not see it
	Tasks []format.Task
}
