package bench

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"strconv"
	"sync"
	"testing"
	"time"
)

// target is a request to a server, sent again and again. The generator writes
// HTTP/1.1 by itself: net/http's client costs more than what is measured.
type target struct {
	addr   string
	status int
	// next writes a request to buf; n counts the requests of one client.
	next func(buf *bytes.Buffer, client, n int)
}

// get makes a target that asks for a path. Headers are lines without their end.
func get(addr, path string, status int, headers ...string) target {
	var request bytes.Buffer
	fmt.Fprintf(&request, "GET %s HTTP/1.1\r\nHost: %s\r\n", path, addr)
	for _, h := range headers {
		request.WriteString(h + "\r\n")
	}
	request.WriteString("\r\n")
	return target{addr, status, func(buf *bytes.Buffer, _, _ int) { buf.Write(request.Bytes()) }}
}

// client is one kept-alive connection.
type client struct {
	t    target
	id   int
	sent int
	conn net.Conn
	in   *bufio.Reader
	out  bytes.Buffer
}

func (t target) dial(id int) (*client, error) {
	conn, err := net.Dial("tcp", t.addr)
	if err != nil {
		return nil, err
	}
	return &client{t: t, id: id, conn: conn, in: bufio.NewReaderSize(conn, 256<<10)}, nil
}

// do sends one request and copies the body of the reply to w.
func (c *client) do(w io.Writer) error {
	c.out.Reset()
	c.t.next(&c.out, c.id, c.sent)
	c.sent++
	if _, err := c.conn.Write(c.out.Bytes()); err != nil {
		return err
	}
	status, length, err := c.head()
	if err != nil {
		return err
	}
	if length == chunked {
		err = c.chunks(w)
	} else {
		err = c.body(w, length)
	}
	if err == nil && status != c.t.status {
		err = fmt.Errorf("request %d: status %d instead of %d", c.sent, status, c.t.status)
	}
	return err
}

// chunked stands for a length that the head does not tell.
const chunked = -1

func (c *client) body(w io.Writer, length int) error {
	if w == nil {
		_, err := c.in.Discard(length)
		return err
	}
	_, err := io.CopyN(w, c.in, int64(length))
	return err
}

// chunks reads a body of RFC 9112, section 7.1.
func (c *client) chunks(w io.Writer) error {
	for {
		line, err := c.in.ReadSlice('\n')
		if err != nil {
			return err
		}
		size, err := strconv.ParseUint(string(bytes.TrimSpace(line)), 16, 31)
		if err != nil {
			return err
		}
		if err := c.body(w, int(size)); err != nil {
			return err
		}
		if _, err := c.in.Discard(len("\r\n")); err != nil || size == 0 {
			return err
		}
	}
}

// head reads the head of a reply; length is chunked where it is not told.
func (c *client) head() (status, length int, err error) {
	line, err := c.in.ReadSlice('\n')
	if err != nil || len(line) < 12 {
		return 0, 0, fmt.Errorf("a broken reply: %w", err)
	}
	if status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return 0, 0, err
	}
	length = chunked
	for {
		if line, err = c.in.ReadSlice('\n'); err != nil {
			return 0, 0, err
		}
		if len(line) <= 2 {
			break
		}
		const name = "Content-Length: "
		if len(line) > len(name) && bytes.EqualFold(line[:len(name)], []byte(name)) {
			if length, err = strconv.Atoi(string(bytes.TrimSpace(line[len(name):]))); err != nil {
				return 0, 0, err
			}
		}
	}
	if status == 304 || status == 204 {
		length = 0
	}
	return status, length, nil
}

// once sends one request and gives the body of the reply.
func (t target) once(b *testing.B) []byte {
	b.Helper()
	c, err := t.dial(0)
	if err != nil {
		b.Fatal(err)
	}
	defer c.conn.Close()
	var body bytes.Buffer
	if err := c.do(&body); err != nil {
		b.Fatalf("%v\n%s", err, body.Bytes())
	}
	return body.Bytes()
}

// sample is what came of some load.
type sample struct {
	took    time.Duration
	latency []time.Duration
}

func (s sample) rate() float64 { return float64(len(s.latency)) / s.took.Seconds() }

// clients are connections that work at the same time.
type clients []*client

func (t target) clients(b *testing.B, n int) clients {
	b.Helper()
	cs := make(clients, n)
	for i := range cs {
		c, err := t.dial(i)
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { c.conn.Close() })
		cs[i] = c
	}
	return cs
}

// load keeps all clients busy until done says so; each sends at least one request.
func (cs clients) load(b *testing.B, done func() bool) sample {
	b.Helper()
	lists := make([][]time.Duration, len(cs))
	failures := make([]error, len(cs))
	start := time.Now()
	var wg sync.WaitGroup
	for i, c := range cs {
		wg.Go(func() {
			began := time.Now()
			for {
				if failures[i] = c.do(nil); failures[i] != nil {
					return
				}
				now := time.Now()
				lists[i] = append(lists[i], now.Sub(began))
				if began = now; done() {
					return
				}
			}
		})
	}
	wg.Wait()
	s := sample{took: time.Since(start)}
	for i := range cs {
		if failures[i] != nil {
			b.Fatal(failures[i])
		}
		s.latency = append(s.latency, lists[i]...)
	}
	return s
}

// lasting is done after some time.
func lasting(d time.Duration) func() bool {
	end := time.Now().Add(d)
	return func() bool { return time.Now().After(end) }
}

// sides are two measurements that take turns.
type sides struct{ ingot, reference []sample }

// versus lets two targets take turns under the same load.
func versus(b *testing.B, conns int, ingot, reference target) sides {
	b.Helper()
	one, other := ingot.clients(b, conns), reference.clients(b, conns)
	one.load(b, lasting(turn()/4))
	other.load(b, lasting(turn()/4))
	var s sides
	for range rounds() {
		s.ingot = append(s.ingot, one.load(b, lasting(turn())))
		s.reference = append(s.reference, other.load(b, lasting(turn())))
	}
	return s
}

// rates gives the median rates, and the median of the ratios of the turns.
func (s sides) rates() (ingot, reference, ratio float64) {
	var a, b, r []float64
	for i := range s.ingot {
		a, b = append(a, s.ingot[i].rate()), append(b, s.reference[i].rate())
		r = append(r, a[i]/b[i])
	}
	return median(a), median(b), median(r)
}

// latency puts the turns of one side together.
func latency(turns []sample) []time.Duration {
	var all []time.Duration
	for _, s := range turns {
		all = append(all, s.latency...)
	}
	return all
}
