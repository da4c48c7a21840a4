package pypi

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/csv"
	"hash"
	"io"
	"strconv"
	"strings"

	"ingot.dev/modules/archive"
	"ingot.dev/modules/fault"
)

const (
	maxRecord = 32 << 20 // bytes
	maxFiles  = 100_000
)

// recorded is a line of a RECORD.
type recorded struct {
	algorithm, digest string // empty where there is none
	size              int64  // -1 where there is none
}

// ParseRecord reads a RECORD ("Recording installed projects"): a path, a
// digest and a size in each line.
func ParseRecord(text []byte) (map[string]recorded, error) {
	bad := func(path, why string) error {
		return fault.New(fault.Invalid, "the line of %.220q in the wheel's RECORD %s", path, why)
	}
	rows := map[string]recorded{}
	r := csv.NewReader(bytes.NewReader(text))
	r.FieldsPerRecord, r.ReuseRecord = 3, true
	for {
		row, err := r.Read()
		if err == io.EOF {
			return rows, nil
		}
		if err != nil {
			return nil, fault.Wrap(fault.Invalid, err, "the wheel's RECORD is malformed: %v", err)
		}
		if len(rows) == maxFiles {
			return nil, fault.New(fault.TooLarge, "the wheel's RECORD has more than %d lines", maxFiles)
		}
		path := row[0]
		if _, twice := rows[path]; twice {
			return nil, bad(path, "is there twice")
		}
		line := recorded{size: -1}
		if row[2] != "" {
			if line.size, err = strconv.ParseInt(row[2], 10, 64); err != nil || line.size < 0 {
				return nil, bad(path, "has no size")
			}
		}
		if row[1] != "" {
			ok := false
			if line.algorithm, line.digest, ok = strings.Cut(row[1], "="); !ok {
				return nil, bad(path, "has no digest of the form sha256=...")
			}
			line.digest = strings.TrimRight(line.digest, "=")
		}
		rows[path] = line
	}
}

// newHash gives the hash of an algorithm that RECORD may use; nil for others,
// the weak ones among them.
func newHash(algorithm string) hash.Hash {
	switch algorithm {
	case "sha256":
		return sha256.New()
	case "sha384":
		return sha512.New384()
	case "sha512":
		return sha512.New()
	}
	return nil
}

// checkRecord holds every file of a wheel against its RECORD, and its RECORD
// against the files. Installers write what the zip file has, scanners read what
// RECORD lists: they have to be the same.
func checkRecord(ctx context.Context, z *archive.Zip, info string) error {
	text, err := readInfo(z, info, "RECORD", maxRecord)
	if err != nil {
		return err
	}
	rows, err := ParseRecord(text)
	if err != nil {
		return err
	}
	// A file cannot hold its own digest, nor that of its signature.
	exempt := map[string]bool{info + "/RECORD": true, info + "/RECORD.jws": true, info + "/RECORD.p7s": true}
	for _, f := range z.Files() {
		if err := ctx.Err(); err != nil {
			return err
		}
		row, listed := rows[f.Name]
		delete(rows, f.Name)
		if !listed && !exempt[f.Name] {
			return fault.New(fault.Invalid, "%q is in the wheel, but not in its RECORD", f.Name)
		}
		if err := checkRow(z, f, row, exempt[f.Name]); err != nil {
			return err
		}
	}
	for path := range rows {
		if !exempt[path] {
			return fault.New(fault.Invalid, "%.220q is in the wheel's RECORD, but not in the wheel", path)
		}
	}
	return nil
}

// checkRow reads a file through and compares it with its line.
func checkRow(z *archive.Zip, f archive.File, row recorded, exempt bool) error {
	if row.algorithm == "" && !exempt {
		return fault.New(fault.Invalid, "%q has no digest in the wheel's RECORD", f.Name)
	}
	sum := newHash(row.algorithm)
	if sum == nil {
		if row.algorithm != "" {
			return fault.New(fault.Invalid, "%q has a digest of the kind %.20q in the wheel's RECORD; sha256 is needed", f.Name, row.algorithm)
		}
		sum = sha256.New()
	}
	body, err := z.Open(f.Name)
	if err != nil {
		return err
	}
	defer body.Close()
	n, err := io.Copy(sum, body)
	if err != nil {
		return err
	}
	if exempt {
		return nil
	}
	if row.digest != base64.RawURLEncoding.EncodeToString(sum.Sum(nil)) || row.size >= 0 && row.size != n {
		return fault.New(fault.Invalid, "%q in the wheel is not what its RECORD says: other bytes", f.Name)
	}
	return nil
}
