package middleware

import (
	"io"
	"net/http"
	"time"
)

const (
	// stall is how long a client may be silent in the middle of a body, or take
	// nothing of a file, before it is cut off. Who is slow but goes on stays.
	stall = time.Minute
	// piece is how much of a file has to get through within stall.
	piece = 1 << 20
)

// patient is a body whose sender must not stop: half-sent requests would
// otherwise hold connections for ever.
type patient struct {
	io.ReadCloser
	control *http.ResponseController
	stall   time.Duration
}

// newPatient dresses the body of r, if it has one. A body that nobody reads is
// read by the server when the handler is done, so the clock starts now.
func newPatient(w http.ResponseWriter, r *http.Request, stall time.Duration) io.ReadCloser {
	if r.Body == nil || r.Body == http.NoBody {
		return r.Body
	}
	p := patient{r.Body, http.NewResponseController(w), stall}
	p.wait()
	return p
}

// wait gives the sender another while. Connections without deadlines, as in
// tests, have patience of their own.
func (p patient) wait() { _ = p.control.SetReadDeadline(time.Now().Add(p.stall)) }

// Read reads what the client sends.
func (p patient) Read(b []byte) (int, error) {
	p.wait()
	n, err := p.ReadCloser.Read(b)
	if err == io.EOF {
		// The server listens for the end of the connection from here on, and
		// would take a deadline for it. After another error it reads no more.
		_ = p.control.SetReadDeadline(time.Time{})
	}
	return n, err
}

// copyPatiently copies src to the connection behind w, which takes files
// without a copy in this process, piece by piece, each within stall.
func copyPatiently(w http.ResponseWriter, src io.Reader, stall time.Duration) (n int64, err error) {
	control := http.NewResponseController(w)
	defer func() { _ = control.SetWriteDeadline(time.Time{}) }()
	// http.ServeContent limits the file. One limit alone may stand around it,
	// or the kernel's copy is not found.
	limited, ok := src.(*io.LimitedReader)
	if !ok {
		limited = &io.LimitedReader{R: src, N: 1<<63 - 1}
	}
	for limited.N > 0 {
		_ = control.SetWriteDeadline(time.Now().Add(stall))
		part := &io.LimitedReader{R: limited.R, N: min(piece, limited.N)}
		want := part.N
		m, err := io.Copy(w, part)
		n += m
		limited.N -= m
		if err != nil || m < want {
			return n, err
		}
	}
	return n, nil
}
