package middleware

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// proxies are the peers that are believed.
type proxies []netip.Prefix

// include tells whether the peer at this address and port is believed.
func (p proxies) include(remote string) bool {
	if len(p) == 0 {
		return false
	}
	addr, ok := parseAddr(remote)
	return ok && p.contain(addr)
}

func (p proxies) contain(addr netip.Addr) bool {
	for _, prefix := range p {
		if prefix.Contains(addr) {
			return true
		}
	}
	return false
}

// resolve makes r say the truth about its client: RemoteAddr becomes the
// client's address where a believed proxy names it, X-Forwarded-Proto stays
// only where such a proxy wrote it, and the other forwarding headers go. It
// tells whether there were any.
func (p proxies) resolve(r *http.Request, believed bool) (forwarded bool) {
	chain, proto := r.Header["X-Forwarded-For"], r.Header["X-Forwarded-Proto"]
	forwarded = len(chain) > 0 || len(proto) > 0 || len(r.Header["Forwarded"]) > 0 || len(r.Header["X-Real-Ip"]) > 0 ||
		len(r.Header["X-Forwarded-Host"]) > 0 || len(r.Header["Via"]) > 0
	if !forwarded {
		return false
	}
	for _, name := range []string{"X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "Forwarded", "X-Real-Ip"} {
		delete(r.Header, name)
	}
	if !believed {
		return true
	}
	if len(proto) == 1 && (proto[0] == "https" || proto[0] == "http") {
		r.Header["X-Forwarded-Proto"] = proto
	}
	// Each proxy appends the peer it saw. The last one that is not a proxy of
	// ours is the client; what stands before it is the client's own invention.
	hops := strings.Split(strings.Join(chain, ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		addr, ok := parseAddr(strings.TrimSpace(hops[i]))
		if !ok {
			break
		}
		r.RemoteAddr = net.JoinHostPort(addr.String(), "0")
		if !p.contain(addr) {
			break
		}
	}
	return true
}

// parseAddr reads an address with or without a port.
func parseAddr(s string) (netip.Addr, bool) {
	if pair, err := netip.ParseAddrPort(s); err == nil {
		return pair.Addr().Unmap().WithZone(""), true
	}
	addr, err := netip.ParseAddr(s)
	return addr.Unmap().WithZone(""), err == nil
}

// ClientAddr gives the client's address without the port, for limits and logs.
func ClientAddr(r *http.Request) string {
	if addr, ok := parseAddr(r.RemoteAddr); ok {
		return addr.String()
	}
	return r.RemoteAddr
}

// Secure tells whether the client speaks https, to the server or to a proxy
// that is believed.
func Secure(r *http.Request) bool {
	return r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https"
}
