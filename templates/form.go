package templates

// Form is a form whose fields stand one below the other.
type Form struct {
	Action  string
	Trouble string // what was wrong with the form as a whole
	Hidden  []Option
	Fields  []Field
	Submit  string // the button's text
	Cancel  string // address to give up to, empty for no way back but the browser's
	Danger  bool   // the button destroys something
}

// Field is one field of a form, or one that stands alone.
type Field struct {
	ID    string // unique on the page
	Name  string
	Label string
	Hint  string
	// Type is that of an input (text, password, email, date), or "check" for a
	// box to tick. A field with options is a choice, whatever its type.
	Type         string
	Value        string // of a "check": not empty where it is ticked
	Options      []Option
	Autocomplete string
	Placeholder  string
	Required     bool
	Trouble      string // what is wrong with the value
}

// Option is one value that a field may have.
type Option struct{ Value, Text string }

// Described names what describes the field, for aria-describedby.
func (f Field) Described() string {
	switch {
	case f.Hint != "" && f.Trouble != "":
		return f.ID + "-hint " + f.ID + "-error"
	case f.Trouble != "":
		return f.ID + "-error"
	case f.Hint != "":
		return f.ID + "-hint"
	}
	return ""
}
