package rights

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"ingot.dev"
	"ingot.dev/integrations/house"
	"ingot.dev/modules/scope"
)

// twins are what addresses in places that do not exist answered, by verdict,
// method and path.
type twins map[string]string

// differs tells how a reply about a hidden place can be told from that of one
// that does not exist; empty where it cannot.
func (known twins) differs(t *testing.T, h *house.House, r ingot.Route, call asked, want verdict, reply house.Reply) string {
	t.Helper()
	said := func(reply house.Reply, p scope.Path) string {
		message, _ := message(r, call.Method, reply)
		named := strings.NewReplacer(p.String(), "PLACE", strconv.Quote(p.Owner), "OWNER") // as they were asked for
		return named.Replace(fmt.Sprintf("%d %s %s", reply.Status, reply.Header.Get("WWW-Authenticate"), message))
	}
	key := want.String() + " " + call.Method + " " + call.twin
	if _, ok := known[key]; !ok {
		other := call.Call
		other.Path = call.twin
		known[key] = said(h.Do(t, other), absentLike(places[call.at].path))
	}
	if got := said(reply, places[call.at].path); got != known[key] {
		return fmt.Sprintf("it can be told from one that does not exist, which answers %q", known[key])
	}
	return ""
}

// absentLike gives a place that does not exist where p might be.
func absentLike(p scope.Path) scope.Path {
	if p.Kind == scope.Project && p.Owner != "closed" {
		p.Name = "absent"
	} else {
		p.Owner = "absent"
	}
	return p
}
