package house

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"strings"
)

// File is a file of an archive.
type File struct{ Name, Text string }

// Zip packs files in the order given.
func Zip(files ...File) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, f := range files {
		w, err := z.Create(f.Name)
		must(err)
		_, err = io.WriteString(w, f.Text)
		must(err)
	}
	must(z.Close())
	return b.Bytes()
}

// Tarball packs files as npm does. A text that begins with LinkTo makes a
// symbolic link.
func Tarball(files ...File) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	for _, f := range files {
		h := &tar.Header{Name: f.Name, Mode: 0o644, Size: int64(len(f.Text)), Typeflag: tar.TypeReg}
		if target, ok := strings.CutPrefix(f.Text, LinkTo); ok {
			h = &tar.Header{Name: f.Name, Mode: 0o777, Linkname: target, Typeflag: tar.TypeSymlink}
			f.Text = ""
		}
		must(w.WriteHeader(h))
		_, err := io.WriteString(w, f.Text)
		must(err)
	}
	must(w.Close())
	must(z.Close())
	return b.Bytes()
}

// NPM is what npm publish sends: a version of a package, of which manifest
// says something, with its tarball.
func NPM(name, version, manifest string, tarball []byte) []byte {
	var m map[string]any
	must(json.Unmarshal([]byte(manifest), &m))
	long, short := sha512.Sum512(tarball), sha1.Sum(tarball)
	m["dist"] = map[string]string{
		"integrity": "sha512-" + base64.StdEncoding.EncodeToString(long[:]), "shasum": fmt.Sprintf("%x", short),
	}
	b, err := json.Marshal(map[string]any{
		"_id": name, "name": name, "dist-tags": map[string]string{"latest": version}, "versions": map[string]any{version: m},
		"_attachments": map[string]any{name + "-" + version + ".tgz": map[string]any{
			"content_type": "application/octet-stream", "data": base64.StdEncoding.EncodeToString(tarball), "length": len(tarball),
		}},
	})
	must(err)
	return b
}

// Wheel packs a Python package: more files, and what has to be in a wheel, with
// a RECORD that is right.
func Wheel(name, version string, more ...File) []byte {
	info := name + "-" + version + ".dist-info/"
	files := append([]File{
		{info + "METADATA", "Metadata-Version: 2.1\nName: " + name + "\nVersion: " + version + "\n"},
		{info + "WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n"},
	}, more...)
	record := info + "RECORD,,\n"
	for _, f := range files {
		sum := sha256.Sum256([]byte(f.Text))
		record += fmt.Sprintf("%s,sha256=%s,%d\n", f.Name, base64.RawURLEncoding.EncodeToString(sum[:]), len(f.Text))
	}
	return Zip(append(files, File{info + "RECORD", record})...)
}

// Twine is the form that twine sends a file in, and its type.
func Twine(name, version, file string, content []byte) (body []byte, contentType string) {
	kind := "sdist"
	if strings.HasSuffix(file, ".whl") {
		kind = "bdist_wheel"
	}
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, f := range []File{{":action", "file_upload"}, {"protocol_version", "1"}, {"filetype", kind}, {"name", name}, {"version", version}} {
		must(w.WriteField(f.Name, f.Text))
	}
	part, err := w.CreateFormFile("content", file)
	must(err)
	_, err = part.Write(content)
	must(err)
	must(w.Close())
	return b.Bytes(), w.FormDataContentType()
}

// Pom describes a Java package.
func Pom(group, artifact, version string) []byte {
	return fmt.Appendf(nil, "<project><modelVersion>4.0.0</modelVersion><groupId>%s</groupId><artifactId>%s</artifactId><version>%s</version></project>",
		group, artifact, version)
}

func must(err error) {
	if err != nil {
		panic(err) // writing to memory
	}
}
