package npm

import (
	"encoding/json"
	"io"
	"net/http"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/format"
)

func (*NPM) tags(q *format.Request) error {
	tags, err := tagsOf(q, nameOf(q))
	if err != nil {
		return err
	}
	return q.Bytes(http.StatusOK, "application/json", tagsJSON(tags))
}

// putTag points a tag at a version; the body is its number as a JSON string.
func (*NPM) putTag(q *format.Request) error {
	var version string
	if err := readJSON(q.R.Body, maxSmall, &version, `the body has to be a version in double quotes, as in "1.2.3"`); err != nil {
		return err
	}
	tag := q.Param("tag")
	if err := checkTag(tag); err != nil {
		return err
	}
	if _, err := parseVersion(version); err != nil {
		return err
	}
	if err := q.Reg.Edit(q.Context(), nameOf(q), format.Tag{Name: tag, Version: version}); err != nil {
		return err
	}
	return q.JSON(http.StatusOK, done{OK: true, ID: nameOf(q)})
}

func (*NPM) removeTag(q *format.Request) error {
	tag := q.Param("tag")
	if tag == latestTag {
		return fault.New(fault.Invalid, "the tag latest cannot be removed: point it at another version, as in npm dist-tag add %s@1.2.3 latest", nameOf(q))
	}
	if err := q.Reg.Edit(q.Context(), nameOf(q), format.Tag{Name: tag}); err != nil {
		return err
	}
	return q.JSON(http.StatusOK, done{OK: true, ID: nameOf(q)})
}

// maxTags is the most tags that one request sets, moves or takes away.
const maxTags = 1_000

func checkTags(n int) error {
	if n > maxTags {
		return fault.New(fault.Invalid, "the body changes %d tags of the package; at most %d are changed at once", n, maxTags)
	}
	return nil
}

// maxSmall bounds a body that says a few words.
const maxSmall = 64 << 10

// readJSON reads a small body. wanted says what it has to be.
func readJSON(r io.Reader, limit int64, v any, wanted string) error {
	raw, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return err
	}
	if int64(len(raw)) > limit {
		return fault.New(fault.TooLarge, "the body has more than %d bytes, which is the limit", limit)
	}
	if err := json.Unmarshal(raw, v); err != nil {
		return fault.Wrap(fault.Invalid, err, "%s", wanted)
	}
	return nil
}
