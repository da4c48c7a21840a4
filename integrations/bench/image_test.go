package bench

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"
)

const images = "/v2/user/ann/"

// digest names bytes as container clients do.
func digest(content []byte) string {
	sum := sha256.Sum256(content)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// image makes a manifest of a small config and one layer.
func image(config, layer []byte) []byte {
	const media = "application/vnd.oci.image."
	return fmt.Appendf(nil, `{"schemaVersion":2,"mediaType":"%smanifest.v1+json","config":{"mediaType":"%sconfig.v1+json","digest":"%s","size":%d},`+
		`"layers":[{"mediaType":"%slayer.v1.tar+gzip","digest":"%s","size":%d}]}`, media, media, digest(config), len(config), media, digest(layer), len(layer))
}

// manifest holds a manifest that is asked for by its tag against bare gin.
func manifest(b *testing.B, t *table) {
	const media = "application/vnd.oci.image.manifest.v1+json"
	config, layer := []byte(`{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}`), random(4<<10, 6)
	content := image(config, layer)
	h := build(b, func(h *house) {
		for _, blob := range [][]byte{config, layer} {
			if err := h.send(http.MethodPost, images+"app/blobs/uploads/?digest="+digest(blob), "application/octet-stream", blob); err != nil {
				b.Fatal(err)
			}
		}
		if err := h.send(http.MethodPut, images+"app/manifests/latest", media, content); err != nil {
			b.Fatal(err)
		}
	})
	byTag := h.get(images+"app/manifests/latest", http.StatusOK, "Accept: "+media)
	reference := get(bareServer(b, map[string][]byte{"manifest": content}), "/bytes/manifest", http.StatusOK)
	if !bytes.Equal(byTag.once(b), content) || !bytes.Equal(reference.once(b), content) {
		b.Fatal("the two sides write different bytes")
	}
	versus(b, connections, byTag, reference).ratio(b, t, "container manifest by tag", "bare gin", atLeast(0.5))
}

// layer pushes a large layer as docker does, and tells how fast that is beside
// writing it to the same disk with its digest, and by how much the server's
// memory grows.
func layer(b *testing.B, t *table) {
	size := smaller(512 << 20)
	h := build(b, nil)
	sum := sha256.New()
	if _, err := io.CopyN(sum, zeros{}, size); err != nil {
		b.Fatal(err)
	}
	name := "sha256:" + hex.EncodeToString(sum.Sum(nil))
	before := memory(b, h.pid, "VmRSS")
	if err := os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", h.pid), []byte("5"), 0); err != nil {
		b.Fatal(err)
	}
	var ingot, reference []float64
	for i := range 3 {
		start := time.Now()
		repository := fmt.Sprintf("%slarge-%d", images, i)
		begun := h.ask(http.MethodPost, repository+"/blobs/uploads/", "", nil, http.StatusAccepted)
		location := h.location(begun)
		<-h.patch(location, size)
		location.RawQuery = "digest=" + url.QueryEscape(name)
		h.ask(http.MethodPut, location.RequestURI(), "", nil, http.StatusCreated)
		ingot = append(ingot, float64(size)/1e6/time.Since(start).Seconds())
		start = time.Now()
		if err := written(filepath.Join(h.data, fmt.Sprintf("bare-%d", i)), size); err != nil {
			b.Fatal(err)
		}
		reference = append(reference, float64(size)/1e6/time.Since(start).Seconds())
	}
	grown := memory(b, h.pid, "VmHWM") - before
	a, r := median(ingot), median(reference)
	t.ratio(b, fmt.Sprintf("push of a layer of %d MiB", size>>20), fmt.Sprintf("%.0f MB/s", a),
		fmt.Sprintf("sha256 and fsync %.0f MB/s", r), a/r, atLeast(0.5))
	t.plain("its growth of the server's memory", "", fmt.Sprintf("%d MiB on %d", grown>>20, before>>20), "< 64 MiB", grown < 64<<20)
}

// location reads where an upload goes on.
func (h *house) location(r *http.Response) *url.URL {
	h.b.Helper()
	u, err := r.Location()
	if err != nil {
		h.b.Fatal(err)
	}
	return u
}

// written writes zeros to a new file, durably, and makes their digest.
func written(path string, size int64) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := io.CopyN(io.MultiWriter(f, sha256.New()), zeros{}, size); err != nil {
		return err
	}
	return f.Sync()
}
