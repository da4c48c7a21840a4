// Package subnet tells which addresses are one customer's, for limits that
// count by where somebody comes from.
package subnet

import "net/netip"

const longest = 254 // of what is no address, in bytes

// Of gives the network that an address, with a port or without, stands for: of
// IPv4 the address itself, of IPv6 the /64, any part of which one customer can
// take. What is no address stands for itself, cut where it is long.
func Of(addr string) string {
	ip, err := netip.ParseAddr(addr)
	if err != nil {
		host, err := netip.ParseAddrPort(addr)
		if err != nil {
			return addr[:min(len(addr), longest)]
		}
		ip = host.Addr()
	}
	ip = ip.Unmap().WithZone("")
	if ip.Is4() {
		return ip.String()
	}
	return netip.PrefixFrom(ip, 64).Masked().String()
}
