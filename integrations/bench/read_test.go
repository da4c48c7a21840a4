package bench

import (
	"bytes"
	"fmt"
	"net/http"
	"testing"
	"time"

	"ingot.dev/modules/format"
)

// connections is the load of the small requests.
const connections = 16

// metadata holds a Composer document of 1,000 versions against the same bytes
// from bare gin, and its 304 against a bare one and against that of 10.
func metadata(b *testing.B, t *table) {
	versions := map[string]int{"big": int(smaller(8000) / 8), "small": 10}
	if !*quick {
		versions["big"] = 1000
	}
	h := build(b, func(h *house) {
		if h.app.Registry.Kind("composer") == nil {
			b.Skip("there is no Composer format")
		}
		for name, n := range versions {
			h.publish("composer", h.user, n, func(i int) format.Release { return library(name, i) })
		}
	})
	const base = "/user/ann/package/-/composer/p2/acme/"
	gzip := "Accept-Encoding: gzip"
	document := h.get(base+"big.json", http.StatusOK, gzip)
	content := document.once(b)
	bareAddr := bareServer(b, map[string][]byte{"p2.gz": content})
	reference := get(bareAddr, "/bytes/p2.gz", http.StatusOK, gzip)
	if !bytes.Equal(reference.once(b), content) {
		b.Fatal("the two sides write different bytes")
	}
	versus(b, connections, document, reference).ratio(b, t,
		fmt.Sprintf("p2 of %d versions, %d KiB of gzip", versions["big"], len(content)>>10), "bare gin", atLeast(0.5))

	unchanged := func(name string) target {
		path := base + name + ".json"
		return h.get(path, http.StatusNotModified, gzip, "If-None-Match: "+validator(b, h.addr, path, h.token))
	}
	s := versus(b, connections, unchanged("big"), get(bareAddr, "/304", http.StatusNotModified))
	s.ratio(b, t, fmt.Sprintf("304 of p2 of %d versions", versions["big"]), "bare 304", atLeast(0.5))

	s = versus(b, connections, unchanged("big"), unchanged("small"))
	big, small := median(latency(s.ingot)), median(latency(s.reference))
	t.ratio(b, fmt.Sprintf("304, p50 at %d versions", versions["big"]), short(big), "10 versions "+short(small),
		float64(big)/float64(small), atMost(1.2))
	peak := memory(b, h.pid, "VmHWM") >> 20
	t.plain("memory of the server after all that", "", fmt.Sprintf("%d MiB", peak), "< 316 MiB", peak < 316)
}

// library is a version of a PHP library as a publisher sends it.
func library(name string, i int) format.Release {
	version := fmt.Sprintf("%d.%d.%d", 1+i/100, i/10%10, i%10)
	content := random(2<<10, uint64(i))
	return format.Release{
		Package: "acme/" + name, Version: version,
		Metadata: fmt.Appendf(nil, `{"name":"acme/%s","description":"A library of the bench","type":"library","license":"MIT",`+
			`"authors":[{"name":"Ann","email":"ann@example.com"}],"require":{"php":"^8.%d","psr/log":"^%d.0","acme/money":"^%d.%d"},`+
			`"autoload":{"psr-4":{"Acme\\%s\\":"src/"}}}`, name, i/200, 1+i/300, i/100, i/10%10, name),
		Files: []format.NewFile{{Name: fmt.Sprintf("acme-%s-%s.zip", name, version), MediaType: "application/zip", Body: staged(content)}},
	}
}

// validator asks for the ETag of a document.
func validator(b *testing.B, addr, path, token string) string {
	b.Helper()
	r, err := http.NewRequest(http.MethodGet, "http://"+addr+path, nil)
	if err != nil {
		b.Fatal(err)
	}
	r.Header.Set("Authorization", "token "+token)
	r.Header.Set("Accept-Encoding", "gzip")
	reply, err := http.DefaultClient.Do(r)
	if err != nil {
		b.Fatal(err)
	}
	defer reply.Body.Close()
	tag := reply.Header.Get("ETag")
	if tag == "" {
		b.Fatalf("%s has no ETag: %s", path, reply.Status)
	}
	return tag
}

// ratio adds the rates of both sides to the table.
func (s sides) ratio(b *testing.B, t *table, bar, reference string, wanted bound) {
	ingot, other, ratio := s.rates()
	t.ratio(b, bar, fmt.Sprintf("%.0f/s", ingot), fmt.Sprintf("%s %.0f/s", reference, other), ratio, wanted)
}

func short(d time.Duration) string { return d.Round(time.Microsecond).String() }

const smallPath = "/user/ann/package/-/generic/tool/1.0.0/tool.bin"

// withSmallFile is a house with a file of 10 KiB.
func withSmallFile(b *testing.B) (*house, []byte) {
	b.Helper()
	content := random(10<<10, 1)
	return build(b, func(h *house) {
		h.publish("generic", h.user, 1, func(int) format.Release {
			return format.Release{Package: "tool", Version: "1.0.0", Files: []format.NewFile{{Name: "tool.bin", Body: staged(content)}}}
		})
	}), content
}

// smallRead holds a file of 10 KiB, read with a token, against bare gin.
func smallRead(b *testing.B, t *table) {
	h, content := withSmallFile(b)
	file := h.get(smallPath, http.StatusOK)
	reference := get(bareServer(b, map[string][]byte{"tool.bin": content}), "/bytes/tool.bin", http.StatusOK)
	if !bytes.Equal(file.once(b), reference.once(b)) {
		b.Fatal("the two sides write different bytes")
	}
	versus(b, connections, file, reference).ratio(b, t, "file of 10 KiB by token", "bare gin", atLeast(0.25))
}

// readDuringUpload compares the slowest hundredth of small reads while a large
// file comes in with that of a server that has nothing else to do.
func readDuringUpload(b *testing.B, t *table) {
	h, _ := withSmallFile(b)
	cs := h.get(smallPath, http.StatusOK).clients(b, 4)
	cs.load(b, lasting(turn()))
	size := smaller(1 << 30)
	var s sides
	for i := range 3 {
		s.reference = append(s.reference, cs.load(b, lasting(2*turn())))
		uploading := h.upload(size, fmt.Sprintf("large/%d/file.bin", i))
		s.ingot = append(s.ingot, cs.load(b, func() bool {
			select {
			case <-uploading:
				return true
			default:
				return false
			}
		}))
	}
	s.reference = append(s.reference, cs.load(b, lasting(2*turn())))
	busy, idle := quantile(latency(s.ingot), 0.99), quantile(latency(s.reference), 0.99)
	t.ratio(b, fmt.Sprintf("small read, p99 while %d MiB come in", size>>20), short(busy), "idle "+short(idle),
		float64(busy)/float64(idle), atMost(5))
}
