package spool

import (
	"context"
	"errors"
	"io"
	"math"
	"strconv"

	"ingot.dev/modules/fault"
)

// intake reads a client's body while the context lives and the limit holds.
// It never ends in a bare io.ErrUnexpectedEOF, so that io.ReadFull over it can
// be understood.
type intake struct {
	ctx   context.Context
	r     io.Reader
	limit int64 // none where 0 or less
	read  int64
}

func (in *intake) Read(p []byte) (int, error) {
	if err := in.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := in.r.Read(p)
	in.read += int64(n)
	if in.limit > 0 && in.read > in.limit {
		return 0, fault.New(fault.TooLarge, "the file is larger than the limit of %s", inUnits(in.limit))
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = fault.Wrap(fault.Invalid, err, "the upload broke off: send the whole file again")
	}
	return n, err
}

// inUnits writes a number of bytes as people write limits: 1 GiB, 1.5 MiB,
// 1000 bytes.
func inUnits(n int64) string {
	units := [...]string{"bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"}
	value, unit := float64(n), 0
	for value >= 1024 {
		value /= 1024
		unit++
	}
	return strconv.FormatFloat(math.Round(value*100)/100, 'f', -1, 64) + " " + units[unit]
}
