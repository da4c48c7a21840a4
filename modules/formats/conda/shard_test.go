package conda

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/format"
	"ingot.dev/modules/ordered"
)

// decode reads MessagePack, independently of what writes it. Bytes are given as
// "0x" and hex digits.
func decode(t testing.TB, b []byte) (v any, rest []byte) {
	t.Helper()
	head, b := b[0], b[1:]
	size := func(n int) int {
		x := 0
		for _, c := range b[:n] {
			x = x<<8 | int(c)
		}
		b = b[n:]
		return x
	}
	text := func(n int) (any, []byte) { return string(b[:n]), b[n:] }
	array := func(n int) (any, []byte) {
		out := []any{}
		for range n {
			v, b = decode(t, b)
			out = append(out, v)
		}
		return out, b
	}
	table := func(n int) (any, []byte) {
		out := map[string]any{}
		for range n {
			var key any
			key, b = decode(t, b)
			if _, twice := out[key.(string)]; twice {
				t.Errorf("%v is there twice", key)
			}
			out[key.(string)], b = decode(t, b)
		}
		return out, b
	}
	switch {
	case head < 0x80:
		return float64(head), b
	case head < 0x90:
		return table(int(head & 0xf))
	case head < 0xa0:
		return array(int(head & 0xf))
	case head < 0xc0:
		return text(int(head & 0x1f))
	}
	switch head {
	case 0xc0:
		return nil, b
	case 0xc2, 0xc3:
		return head == 0xc3, b
	case 0xc4:
		n := size(1)
		return "0x" + hex.EncodeToString(b[:n]), b[n:]
	case 0xcb:
		return math.Float64frombits(binary.BigEndian.Uint64(b)), b[8:]
	case 0xcc, 0xcd, 0xce, 0xcf:
		return float64(size(1 << (head - 0xcc))), b
	case 0xd3:
		return float64(int64(binary.BigEndian.Uint64(b))), b[8:]
	case 0xd9, 0xda, 0xdb:
		return text(size(1 << (head - 0xd9)))
	case 0xdc, 0xdd:
		return array(size(2 << (head - 0xdc)))
	case 0xde, 0xdf:
		return table(size(2 << (head - 0xde)))
	}
	t.Fatalf("a head of %#x", head)
	return nil, nil
}

func unmarshal(t testing.TB, b []byte) any {
	t.Helper()
	v, rest := decode(t, b)
	if len(rest) > 0 {
		t.Errorf("%d bytes are behind it", len(rest))
	}
	return v
}

// digestsOf reads the table of an index of shards.
func digestsOf(t testing.TB, index []byte) map[string][sha256.Size]byte {
	t.Helper()
	out := map[string][sha256.Size]byte{}
	for name, digest := range unmarshal(t, index).(map[string]any)["shards"].(map[string]any) {
		raw, err := hex.DecodeString(strings.TrimPrefix(digest.(string), "0x"))
		if err != nil {
			t.Fatal(err)
		}
		out[name] = [sha256.Size]byte(raw)
	}
	return out
}

func unpacked(t testing.TB, b []byte) []byte {
	t.Helper()
	z, err := zstd.NewReader(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	plain, err := z.DecodeAll(b, nil)
	if err != nil {
		t.Fatal(err)
	}
	return plain
}

func TestMsgpack(t *testing.T) {
	t.Parallel()
	list := "[" + strings.Repeat("1,", 20) + "1]"
	long := "[" + strings.Repeat("1,", 70_000) + "1]"
	var wide strings.Builder
	for i := range 20 {
		fmt.Fprintf(&wide, `"k%d":%d,`, i, i)
	}
	for _, text := range []string{
		`null`, `true`, `false`, `0`, `127`, `128`, `255`, `256`, `65535`, `65536`, `4294967295`, `4294967296`, `1700000000123`, `-1`, `-32769`, `1.5`, `1e3`, `-0.25`,
		`""`, `"a"`, `"` + strings.Repeat("x", 31) + `"`, `"` + strings.Repeat("x", 32) + `"`, `"` + strings.Repeat("x", 256) + `"`, `"` + strings.Repeat("x", 70_000) + `"`,
		`[]`, `[1,[2,"ü"],{}]`, list, long, `{}`, `{"a":{"b":[null]}}`, `{` + wide.String() + `"z":0}`,
	} {
		v, err := ordered.Parse([]byte(text), ordered.Limits{Bytes: 1 << 20, Depth: 8, Values: 1 << 20})
		if err != nil {
			t.Fatal(err)
		}
		var want any
		if err := json.Unmarshal([]byte(text), &want); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, unmarshal(t, appendValue(nil, v))); diff != "" {
			t.Errorf("%.60s (-want +got):\n%.500s", text, diff)
		}
	}
}

// TestShards: the index and all its shards tell exactly what repodata.json does,
// with digests as bytes.
func TestShards(t *testing.T) {
	t.Parallel()
	s := furnished(t)
	for _, at := range []string{"noarch", "linux-64", "main/noarch", "win-64"} {
		index := []byte(s.get(t, at+"/repodata_shards.msgpack.zst"))
		if again := s.get(t, at+"/repodata_shards.msgpack.zst"); again != string(index) {
			t.Errorf("%s: other bytes of the same state", at)
		}
		info := unmarshal(t, index).(map[string]any)["info"].(map[string]any)
		if info["base_url"] != "./" || info["shards_base_url"] != "./shards/" || !strings.HasSuffix(at, info["subdir"].(string)) {
			t.Errorf("%s: %v", at, info)
		}
		got := map[string]any{"packages": map[string]any{}, "packages.conda": map[string]any{}}
		for name, digest := range digestsOf(t, index) {
			shard := []byte(s.get(t, at+"/shards/"+hex.EncodeToString(digest[:])+".msgpack.zst"))
			if sha256.Sum256(shard) != digest {
				t.Fatalf("%s: the shard of %s is %.100q", at, name, shard)
			}
			for table, records := range unmarshal(t, unpacked(t, shard)).(map[string]any) {
				if table == "removed" {
					continue
				}
				for file, record := range records.(map[string]any) {
					if !strings.HasPrefix(file, name+"-") {
						t.Errorf("%s: %s is in the shard of %s", at, file, name)
					}
					got[table].(map[string]any)[file] = record
				}
			}
		}
		var want map[string]any
		if err := json.Unmarshal([]byte(s.get(t, at+"/repodata.json")), &want); err != nil {
			t.Fatal(err)
		}
		for _, table := range []string{"packages", "packages.conda"} {
			for _, record := range want[table].(map[string]any) {
				for _, key := range []string{"md5", "sha256", "legacy_bz2_md5"} {
					if digest, ok := record.(map[string]any)[key]; ok {
						record.(map[string]any)[key] = "0x" + digest.(string)
					}
				}
			}
			if diff := cmp.Diff(want[table], got[table]); diff != "" {
				t.Errorf("%s, %s (-repodata +shards):\n%s", at, table, diff)
			}
		}
	}
}

// TestOlderShards: whoever read the index before a publication still finds his
// shards after it; what was deleted meanwhile is gone.
func TestOlderShards(t *testing.T) {
	t.Parallel()
	s := furnished(t)
	address := func(name string) string {
		digest := digestsOf(t, []byte(s.get(t, "noarch/repodata_shards.msgpack.zst")))[name]
		return "noarch/shards/" + hex.EncodeToString(digest[:]) + ".msgpack.zst"
	}
	before := address("round")
	want := s.get(t, before)
	for i := range maxStates - 1 {
		s.must(t, "", simple("round", fmt.Sprintf("4.%d", i)))
		if got := s.get(t, before); got != want {
			t.Fatalf("after %d publications it is %.100q", i+1, got)
		}
	}
	s.must(t, "", simple("round", "5.0"))
	if got := s.get(t, before); !strings.HasPrefix(got, "not found") {
		t.Errorf("after many publications it is %.100q", got)
	}
	before = address("round")
	s.packages["round"] = slices.DeleteFunc(s.packages["round"], func(v *format.Version) bool { return v.Name == "5.0" })
	if got := s.get(t, before); !strings.HasPrefix(got, "not found") {
		t.Errorf("with what was deleted it is %.100q", got)
	}
	before = address("odd")
	for i := range maxRecent {
		s.must(t, "", simple(fmt.Sprintf("other%d", i), "1"))
	}
	if got := s.get(t, before); strings.HasPrefix(got, "not found") {
		t.Errorf("a shard of the index is found however old it is: %.100q", got)
	}
}

// TestLargeShards: however much there is to search, a current shard is served, and
// older ones as far as a bounded amount of work goes.
func TestLargeShards(t *testing.T) {
	t.Parallel()
	s := newShelf()
	address := func(name string) string {
		digest := digestsOf(t, []byte(s.get(t, "noarch/repodata_shards.msgpack.zst")))[name]
		return "noarch/shards/" + hex.EncodeToString(digest[:]) + ".msgpack.zst"
	}
	grow := func(name string) (older string) {
		older = address(name)
		v := s.packages[name][0]
		s.now = s.now.Add(time.Second)
		f := *v.Files[0]
		f.Name, f.Created = noarch+"/"+name+"-1-new"+second, s.now
		v.Files = append(v.Files, &f)
		return older
	}
	s.large("huge", 10_000)
	s.must(t, "", simple("small", "1"))
	small := address("small")
	s.must(t, "", simple("small", "2"))
	s.large("large", 2_000)
	large, huge := grow("large"), grow("huge")
	for what, c := range map[string]struct {
		address string
		found   bool
	}{
		"the current one of a huge package":                                  {address("huge"), true},
		"an older one of a large package":                                    {large, true},
		"an older one of a huge package, which is more than all of the work": {huge, false},
		"an older one of a small package published before the large one":     {small, true},
	} {
		if got := s.get(t, c.address); strings.HasPrefix(got, "not found") == c.found {
			t.Errorf("%s: %.100q", what, got)
		}
	}
}

// TestSearchesInTurn: one search for an older shard runs at a time. Whoever waits for
// long is told to come again, and who asks for a current one does not wait.
func TestSearchesInTurn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShelf()
		s.must(t, "", simple("round", "1"))
		current := digestsOf(t, []byte(s.get(t, "noarch/repodata_shards.msgpack.zst")))["round"]
		c := New()
		ask := func(digest string) error {
			w := httptest.NewRecorder()
			return c.shard(&format.Request{
				W: w, R: httptest.NewRequest(http.MethodGet, "/", nil), Reg: s, Server: desk{s},
				Params: format.Params{{Name: "subdir", Value: "noarch"}, {Name: "digest", Value: digest}},
			})
		}
		c.searching <- struct{}{} // another one's
		if err := ask(hex.EncodeToString(current[:])); err != nil {
			t.Error(err)
		}
		unknown := strings.Repeat("0", 64)
		if err := ask(unknown); !fault.Is(err, fault.Busy) || fault.From(err).Wait == 0 {
			t.Error(err)
		}
		answer := make(chan error)
		go func() { answer <- ask(unknown) }()
		synctest.Wait()
		<-c.searching
		if err := <-answer; !fault.Is(err, fault.NotFound) {
			t.Error(err)
		}
		if len(c.searching) > 0 {
			t.Error("a search that is over keeps its place")
		}
	})
}

func TestShardReply(t *testing.T) {
	t.Parallel()
	s := furnished(t)
	digest := digestsOf(t, []byte(s.get(t, "noarch/repodata_shards.msgpack.zst")))["odd"]
	path := "/noarch/shards/" + hex.EncodeToString(digest[:]) + ".msgpack.zst"
	reply := s.do(t, httptest.NewRequest(http.MethodGet, path, nil))
	if h := reply.Header(); h.Get("Cache-Control") != "max-age=31536000, immutable" || h.Get("Content-Type") != "application/zstd" {
		t.Errorf("%v", h)
	}
	again := httptest.NewRequest(http.MethodGet, path, nil)
	again.Header.Set("If-None-Match", reply.Header().Get("ETag"))
	if reply := s.do(t, again); reply.Code != http.StatusNotModified || reply.Body.Len() > 0 {
		t.Errorf("%d with %d bytes", reply.Code, reply.Body.Len())
	}
	for _, path := range []string{
		strings.ToUpper(path[len("/noarch/shards/") : len(path)-len(".msgpack.zst")]), "00", "zz", strings.Repeat("0", 64),
	} {
		if got := s.get(t, "noarch/shards/"+path+".msgpack.zst"); !strings.HasPrefix(got, "not found") {
			t.Errorf("%s: %.100q", path, got)
		}
	}
	if got := s.get(t, "other"+path); !strings.HasPrefix(got, "not found") {
		t.Errorf("%.100q", got)
	}
}
