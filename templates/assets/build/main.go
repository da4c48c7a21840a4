// Command build makes templates/assets/dist from templates/assets/src: one
// style sheet, one script and the icon, minified and named by their content,
// and manifest.json that says which is which. Run it from the root of the
// module:
//
//	go run ./templates/assets/build
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

func main() {
	if err := run("templates/assets"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run replaces dir/dist by what dir/src makes now.
func run(dir string) error {
	files, err := build(filepath.Join(dir, "src"))
	if err != nil {
		return err
	}
	dist := filepath.Join(dir, "dist")
	if err := os.RemoveAll(dist); err != nil {
		return err
	}
	if err := os.MkdirAll(dist, 0o755); err != nil {
		return err
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dist, name), content, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// build gives the files of dist by name, the manifest included. The same
// sources give the same bytes.
func build(src string) (map[string][]byte, error) {
	files := map[string][]byte{}
	manifest := map[string]string{}
	for _, name := range []string{"app.css", "app.js", "favicon.svg"} {
		content, err := content(filepath.Join(src, name))
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(content)
		stem, ext, _ := strings.Cut(name, ".")
		manifest[name] = stem + "." + hex.EncodeToString(sum[:6]) + "." + ext
		files[manifest[name]] = content
	}
	list, err := json.MarshalIndent(manifest, "", "  ")
	if err != nil {
		return nil, err
	}
	files["manifest.json"] = append(list, '\n')
	return files, nil
}

// content gives a style sheet or script with its imports put in, minified, and
// any other file as it is.
func content(path string) ([]byte, error) {
	if ext := filepath.Ext(path); ext != ".css" && ext != ".js" {
		return os.ReadFile(path)
	}
	result := api.Build(api.BuildOptions{
		EntryPoints:       []string{path},
		Bundle:            true,
		MinifyWhitespace:  true,
		MinifyIdentifiers: true,
		MinifySyntax:      true,
		Format:            api.FormatIIFE,
		Charset:           api.CharsetUTF8,
		LegalComments:     api.LegalCommentsNone,
		Outfile:           filepath.Base(path),
		Target:            api.ES2022,
	})
	if len(result.Errors) > 0 {
		text := api.FormatMessages(result.Errors, api.FormatMessagesOptions{})
		return nil, errors.New(strings.Join(text, ""))
	}
	return bytes.TrimSpace(result.OutputFiles[0].Contents), nil
}
